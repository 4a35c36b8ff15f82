#!/usr/bin/env python3
"""Writes the cases for client libraries, Vectors/client.

    Vectors/tools/client.py           write right.json, sent.json and read.json
    Vectors/tools/client.py --check   exit 1 when they are not what it would write

What is given to a library comes from the valid documents of Schemas/corpus and the tables below; what an answer must
become is the answer itself, so nothing here is an outcome of a program.
"""

import copy
import json
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "Vectors" / "client"
CORPUS = ROOT / "Schemas" / "corpus" / "valid"
OPERATIONS = {one["id"]: one for one in json.loads((ROOT / "Schemas" / "operations.json").read_text())["operations"]}
REQUIREMENTS = json.loads((ROOT / "Schemas" / "requirements.json").read_text())["requirements"]
KNOWN = {one["id"] for one in REQUIREMENTS}
CODES = json.loads((ROOT / "Schemas" / "error-codes.json").read_text())["tables"]

JOB = {"file-jobs": "f93984788066911ed89ed352d4d9d2084", "jobs": "j8d121820f5e411ec926ef19d53ba9c5d",
       "batch-jobs": "b16331089f7c11ecb10252540019ee59a", "doc-jobs": "d87fbabd07b8611ed974b3f4b40648a80"}
QUEUE = "p2242ab62c7c94486915508540933a2c6"
WORKFLOW = "w5307ee7a60d6489383c3921c715dd1c5"
TEMPLATE = "t1460606b9752148c4ab182f55163ba7cd"
REQUEST_ID = "NjJiZDU1ZmZfOTBmYTUwNjRfNzdjY18xYQ=="
TRACE_ID = "OGVmYzZiMmQzYjA2OWNhODk0NTRkMTBiOWVmMDAxODc0OWRkZjk0ZDM1NmI1M2E2MTRlY2MzZDhmNmI5MWI1OTE"

# operation → arguments (a document's name for the body) and the document of a right answer.
RIGHT = {
    "file-jobs.submit": ({"body": "hash-minimal"}, "hash-submitted"),
    "file-jobs.query": ({"path": {"jobId": JOB["file-jobs"]}}, "hash-md5"),
    "jobs.submit": ({"body": "animation-minimal"}, "animation-submitted"),
    "jobs.query": ({"path": {"jobId": JOB["jobs"]}}, "animation-success"),
    "jobs.list": ({"query": [["queueId", QUEUE], ["tag", "Animation"]]}, "two-jobs"),
    "jobs.cancel": ({"path": {"jobId": JOB["jobs"]}}, None),
    "batch-jobs.submit": ({"body": "animation-minimal"}, "animation-submitted"),
    "batch-jobs.query": ({"path": {"jobId": JOB["batch-jobs"]}}, "animation-success"),
    "batch-jobs.list": ({"query": []}, "two-jobs"),
    "batch-jobs.cancel": ({"path": {"jobId": JOB["batch-jobs"]}}, None),
    "doc-jobs.submit": ({"body": "process-minimal"}, "process-submitted"),
    "doc-jobs.query": ({"path": {"jobId": JOB["doc-jobs"]}}, "process-success"),
    "doc-jobs.list": ({"query": [["queueId", QUEUE], ["tag", "DocProcess"]]}, "two-jobs"),
    "queues.list": ({"query": [["pageNumber", "1"], ["pageSize", "10"]]}, "page-full"),
    "queues.update": ({"path": {"queueId": QUEUE}, "body": "minimal"}, "minimal"),
    "templates.create": ({"body": "minimal"}, "full"),
    "templates.update": ({"path": {"templateId": TEMPLATE}, "body": "minimal"}, "full"),
    "workflows.trigger": ({"query": [["workflowId", WORKFLOW], ["object", "input/demo.mp4"]]}, "capture-2022"),
    "objects.file-hash": ({"path": {"Object": "input/demo.mp4"}, "query": [["type", "md5"]]}, "md5"),
}
LIST_DEFAULTS = {"orderByTime": "Desc", "states": "All", "size": "10"}
DEFAULTS = {
    "jobs.list": LIST_DEFAULTS, "doc-jobs.list": LIST_DEFAULTS, "batch-jobs.list": LIST_DEFAULTS,
    "queues.list": {"category": "Transcoding", "pageNumber": "1", "pageSize": "10"},
    "objects.file-hash": {"addtoheader": "false"}}
# operation → the full documents whose every addition to the right one is given alone, too.
FULL = {
    "file-jobs.submit": ["hash-full"], "jobs.submit": ["animation"], "batch-jobs.submit": ["animation-full"],
    "doc-jobs.submit": ["process-full"], "queues.update": ["url"], "templates.create": ["gif-full"],
    "templates.update": ["gif-full"]}
# A node that is right only with another is given with it.
TOGETHER = {"CallBackMqConfig": ["CallBackType"], "CallBackType": []}
NOT_ALONE = {"CallBackType", "Prefix"}
QUERIES = {
    "orderByTime": "Asc", "size": "100", "states": "Success,Failed", "nextToken": "a+b/c==&d",
    "startCreationTime": "2022-02-25T12:00:00+0800", "endCreationTime": "2022-03-25T12:00:00+0800",
    "workflowId": WORKFLOW, "inventoryTriggerJobId": JOB["batch-jobs"], "inputObject": "输入/演示 1.mp4",
    "type": "Workflow", "jobId": JOB["batch-jobs"], "name": "demo", "queueIds": QUEUE, "state": "Active",
    "category": "CateAll", "pageNumber": "2", "pageSize": "100", "addtoheader": "true"}
KEYS = {
    "non-ascii": "输入/演示 文件.mp4", "spaces": "my folder/my file.mp4", "plus": "a+b/c+d.mp4",
    "percent": "100%/50%25.mp4", "reserved": "a&b=c;d,e@f:g$h!'()*.mp4", "markup": "a<b>&\"c\"'d'.mp4",
    "question-mark": "what?/now?.mp4", "hash": "track#1.mp4", "emoji": "🎬/🎞️.mp4", "brackets": "a[1]{2}|3.mp4",
    "tilde": "~user/file_1-2.mp4", "backslash": "a\\b.mp4", "dots": "a..b/...c.mp4",
    "long": "a/" + "k" * 844 + ".mp4"}
TEXTS = {
    "user-data-1024": "".join(chr(33 + index % 94) for index in range(1024)), "user-data-leading-zeros": "0012",
    "user-data-true": "true", "user-data-cdata-end": "a]]>b", "user-data-entity": "&amp;&#65;&lt;",
    "user-data-quotes": "\"double\" and 'single'", "user-data-braces": "${InventoryTriggerJobId} {0} %s"}


def kebab(name):
    return re.sub("([a-z0-9])([A-Z])", r"\1-\2", re.sub("([A-Z]+)([A-Z][a-z])", r"\1-\2", name)).lower()


def known(*wanted):
    """Those of the IDs that are requirements, and at least one."""
    found = [one for one in wanted if one in KNOWN]
    return found or ["xml.well-formed"]


def of_node(operation, name):
    """The requirement of a node of a request."""
    same = [one["id"] for one in REQUIREMENTS
            if operation in one["operations"] and one["id"].split(".")[-1] == kebab(name) and one["kind"] == "node"]
    same.sort(key=lambda one: (not one.startswith(operation), one))
    return same[:1] or ["xml.documented-nodes"]


def document(name):
    """A document of the corpus as a tree without the blanks around its elements."""
    root = ElementTree.parse(CORPUS / f"{name}.xml").getroot()
    for element in root.iter():
        element.tail = None
        if len(element):
            element.text = None
    return root


def text(element):
    return ElementTree.tostring(element, encoding="unicode")


def right_body(operation):
    body = RIGHT[operation][0].get("body")
    root = document(f"{operation}.request.{body}") if body else None
    if operation == "batch-jobs.submit":  # its TimeInterval is about a Prefix
        source = root.find("Input")
        source[:] = []
        ElementTree.SubElement(source, "Prefix").text = "input"
    return root


def arguments(operation, body=None, path=None, query=None):
    given = copy.deepcopy(RIGHT[operation][0])
    if "body" in given:
        given["body"] = text(right_body(operation) if body is None else body)
    if path:
        given["path"].update(path)
    if query is not None:
        given["query"] = query
    return given


def right():
    entries = {}
    for operation, (_, answer) in RIGHT.items():
        reply = {"status": 200}
        if answer:
            reply["document"] = f"valid/{operation}.response.{answer}.xml"
        entries[operation] = {"arguments": arguments(operation), "answer": reply}
        if operation in DEFAULTS:
            entries[operation]["defaults"] = DEFAULTS[operation]
    return entries


# What is sent

def additions(base, full, path=()):
    """(path of names, element) of what the full tree has and the base has not."""
    for child in full:
        own = base.find(child.tag)
        if own is None:
            yield path, child
        elif len(child):
            yield from additions(own, child, path + (child.tag,))


def with_additions(base, path, names, full):
    root = copy.deepcopy(base)
    own, other = root, full
    for name in path:
        own, other = own.find(name), other.find(name)
    for name in names:
        own.append(copy.deepcopy(other.find(name)))
    return root


def sent():
    for operation in RIGHT:
        yield from sent_of(operation)


def sent_of(operation):
    def case(name, title, requirements, given=None, **more):
        entry = {"id": f"client/sent/{operation}/{name}", "title": title, "operation": operation,
                 "requirements": requirements}
        if given is not None:
            entry["arguments"] = given
        return {**entry, **more, "expect": "empty" if RIGHT[operation][1] is None else "result"}

    yield case("minimal", "the least that the operation takes",
               known(f"{operation}.path", "request-headers.authorization.required"))
    tokens = known("request-headers.security-token.with-temporary-credentials")
    yield case("temporary-credentials", "with the token of temporary credentials", tokens, token=True)
    if RIGHT[operation][0].get("body"):
        yield from sent_bodies(operation, case)
    yield from sent_queries(operation, case)
    yield from sent_paths(operation, case)


def sent_bodies(operation, case):
    base = right_body(operation)
    for name in FULL[operation]:
        full = document(f"{operation}.request.{name}")
        for path, child in additions(base, full):
            if child.tag in NOT_ALONE:
                continue
            names = [child.tag] + TOGETHER.get(child.tag, [])
            where = "-".join(kebab(name) for name in path[1:] + (child.tag,))
            yield case(f"only-{where}", f"the least and {'/'.join(path + (child.tag,))}",
                       of_node(operation, child.tag),
                       arguments(operation, with_additions(base, path, names, full)))
    for file in sorted(CORPUS.glob(f"{operation}.request.*.xml")):
        name = file.stem.removeprefix(f"{operation}.request.")
        if name != RIGHT[operation][0]["body"]:
            yield case(f"document/{name}", f"the document {file.name}", known(f"{operation}.request", "xml.root"),
                       arguments(operation, document(file.stem)))
    if base.find("Input/Object") is not None:
        for name, key in KEYS.items():
            body = copy.deepcopy(base)
            body.find("Input/Object").text = key
            yield case(f"key/{name}", f"an object whose key has {name.replace('-', ' ')}", of_node(operation, "Object"),
                       arguments(operation, body))
    if operation in ("file-jobs.submit", "batch-jobs.submit"):
        for name, value in TEXTS.items():
            body = copy.deepcopy(base)
            ElementTree.SubElement(body.find("Operation"), "UserData").text = value
            yield case(f"text/{name}", f"{name.replace('-', ' ')}", of_node(operation, "UserData"),
                       arguments(operation, body))


def sent_queries(operation, case):
    given = RIGHT[operation][0].get("query", [])
    names = {name for name, _ in given}
    optional = [one for one in OPERATIONS[operation].get("query", [])
                if not one.get("required") and one["name"] in QUERIES]
    for one in optional:
        query = [pair for pair in given if pair[0] != one["name"]] + [[one["name"], QUERIES[one["name"]]]]
        yield case(f"only-{kebab(one['name'])}", f"the least and {one['name']}", known(one["requirement"]),
                   arguments(operation, query=query))
    if len(optional) > 1:
        every = given + [[one["name"], QUERIES[one["name"]]] for one in optional if one["name"] not in names]
        yield case("everything", "every parameter", known(f"{operation}.path"), arguments(operation, query=every))
    if operation == "workflows.trigger":
        for name, key in KEYS.items():
            yield case(f"key/{name}", f"an object whose key has {name.replace('-', ' ')}",
                       known("workflows.trigger.query.object"),
                       arguments(operation, query=[["workflowId", WORKFLOW], ["object", key]]))
    if operation == "objects.file-hash":
        for name, key in KEYS.items():
            yield case(f"key/{name}", f"an object whose key has {name.replace('-', ' ')}",
                       known("objects.file-hash.path.object"), arguments(operation, path={"Object": key}))
        for digest in ("sha1", "sha256"):
            yield case(f"type-{digest}", f"the digest {digest}", known("objects.file-hash.query.type"),
                       arguments(operation, query=[["type", digest]]))
        yield case("only-addtoheader-false", "the least and addtoheader=false",
                   known("objects.file-hash.query.addtoheader"),
                   arguments(operation, query=[["type", "md5"], ["addtoheader", "false"]]))
    if operation == "jobs.list":
        for value in ("1", "99"):
            yield case(f"size-{value}", f"a page of {value}", known("jobs.list.query.size"),
                       arguments(operation, query=given + [["size", value]]))


def sent_paths(operation, case):
    for one in OPERATIONS[operation].get("pathParameters", []):
        if one.get("separator"):
            letter = RIGHT[operation][0]["path"]["jobId"][0]
            for count in (2, 10):
                several = ",".join(letter + f"{index:x}" * 32 for index in range(1, count + 1))
                yield case(f"{count}-identifiers", f"{count} identifiers, joined by commas",
                           known(one["requirement"]), arguments(operation, path={"jobId": several}))


# What is read

HASH = text(document("file-jobs.query.response.hash-md5"))
SUBMITTED = text(document("file-jobs.submit.response.hash-submitted"))
DECLARATION = '<?xml version="1.0" encoding="utf-8"?>'


def changed(source, *pairs):
    for old, new in pairs:
        if source.count(old) != 1:
            sys.exit(f"{old} is {source.count(old)} times in a document")
        source = source.replace(old, new)
    return source


def ids(count):
    return [f"f{index + 1:032x}" for index in range(count)]


def jobs(count):
    job = re.search("<JobsDetail>.*</JobsDetail>", HASH).group()
    return [job.replace(JOB["file-jobs"], one) for one in ids(count)]


def response(*parts):
    return "<Response>" + "".join(parts) + "</Response>"


def reordered(element):
    """The children of every element in the order of the alphabet, backwards."""
    for child in element:
        reordered(child)
    element[:] = sorted(element, key=lambda child: child.tag, reverse=True)
    return element


def shapes():
    """(name, title, requirement, body) of answers to a query of file jobs that must be read whole."""
    times, node = "file-jobs.jobs-detail.start-time", "file-jobs.jobs-detail."
    started = "<StartTime>2022-07-18T15:16:44+0800</StartTime>"
    ended = "<EndTime>2022-07-18T15:16:49+0800</EndTime>"
    for name, start, end in (("dash", "<StartTime>-</StartTime>", "<EndTime>-</EndTime>"),
                             ("empty", "<StartTime></StartTime>", "<EndTime></EndTime>"),
                             ("self-closed", "<StartTime/>", "<EndTime/>"), ("absent", "", "")):
        yield f"times-{name}", f"times that are not set: {name}", times, changed(HASH, (started, start), (ended, end))
    for name, message in (("empty", "<Message></Message>"), ("self-closed", "<Message/>"), ("absent", ""),
                          ("lower-success", "<Message>success</Message>"), ("success", "<Message>Success</Message>"),
                          ("upper-success", "<Message>SUCCESS</Message>"), ("done", "<Message>done</Message>"),
                          ("non-ascii", "<Message>成功 – été</Message>"), ("blank", "<Message>a  b</Message>")):
        body = changed(HASH, ("<Message />", message))
        yield f"message-{name}", f"Message of a success: {name}", node + "message", body
    bucket = "<BucketId>test-1234567890</BucketId>"
    yield "bucket-id", "Input with BucketId", node + "input.bucket-id", HASH
    yield "bucket", "Input with Bucket", node + "input.bucket-id", changed(
        HASH, (bucket, "<Bucket>test-1234567890</Bucket>"))
    yield "bucket-absent", "Input with neither Bucket nor BucketId", node + "input", changed(HASH, (bucket, ""))
    for count in (1, 2, 3, 10):
        yield f"jobs-{count}", f"{count} JobsDetail", "file-jobs.jobs-detail", response(*jobs(count))
    for count in (1, 2, 10):
        lost = "".join(f"<NonExistJobIds>{one}</NonExistJobIds>" for one in ids(count))
        yield (f"unknown-ids-{count}", f"no JobsDetail, {count} NonExistJobIds",
               "file-jobs.query.non-exist-job-ids", response(lost))
    yield ("unknown-ids-among-jobs", "NonExistJobIds before, between and after JobsDetail",
           "file-jobs.query.non-exist-job-ids",
           response("<NonExistJobIds>fa</NonExistJobIds>", jobs(2)[0], "<NonExistJobIds>fb</NonExistJobIds>",
                    jobs(2)[1], "<NonExistJobIds>fc</NonExistJobIds>"))
    yield ("unknown-ids-empty", "an empty NonExistJobIds, as the templates print it",
           "file-jobs.query.non-exist-job-ids", response(jobs(1)[0], "<NonExistJobIds></NonExistJobIds>"))
    result = re.search("<FileHashCodeResult>.*</FileHashCodeResult>", HASH).group()
    yield "result-absent", "a job without a result", node + "file-hash-code-result", changed(HASH, (result, ""))
    yield "result-empty", "an empty result", node + "file-hash-code-result", changed(
        HASH, (result, "<FileHashCodeResult/>"))
    yield "unknown-node", "a node that is not documented", "xml.documented-nodes", changed(
        HASH, ("<Tag>", "<QueueType>FileProcess</QueueType><Tag>"))
    yield "unknown-container", "an undocumented node with nodes in it", "xml.documented-nodes", changed(
        HASH, ("<Tag>", "<Extra><Inner>1</Inner><Inner>2</Inner><Deep><Leaf>x</Leaf></Deep></Extra><Tag>"))
    yield "unknown-node-at-the-root", "an undocumented node beside JobsDetail", "xml.documented-nodes", changed(
        HASH, ("</Response>", "<ServerRegion>ap-chongqing</ServerRegion></Response>"))
    yield "progress", "a node of the later edition", node + "progress", changed(
        HASH, ("<Tag>", "<Progress>100</Progress><Tag>"))
    yield "reordered", "the children of every node in another order", "xml.order-free", text(
        reordered(ElementTree.fromstring(HASH)))
    yield from values(node)
    yield from writings()


def values(node):
    """Values that a reader may take for something else."""
    size = node + "file-hash-code-result.file-size"
    for name, value in (("4-gib", "4294967296"), ("50-gib", "53687091200"), ("beyond-double", "9007199254740993"),
                        ("int64", "9223372036854775807"), ("zero", "0")):
        yield f"file-size-{name}", f"a FileSize of {value}", size, changed(
            HASH, ("<FileSize>1048576<", f"<FileSize>{value}<"))
    etag = '<Etag>"ee8de918d05640145b18f70f4c3aa602"</Etag>'
    for name, value in (("quoted", '"ee8de918d05640145b18f70f4c3aa602"'), ("bare", "ee8de918d05640145b18f70f4c3aa602"),
                        ("escaped", "&quot;ee8de918d05640145b18f70f4c3aa602&quot;"), ("empty", ""),
                        ("of-parts", '"ee8de918d05640145b18f70f4c3aa602-12"')):
        yield f"etag-{name}", f"an Etag that is {name.replace('-', ' ')}", node + "file-hash-code-result.etag", changed(
            HASH, (etag, f"<Etag>{value}</Etag>"))
    for name, value in (
            ("leading-zeros", "0012"), ("true", "true"), ("exponent", "1e5"), ("null", "null"), ("none", "None"),
            ("json", '{"a": [1, 2]}'), ("blanks-around", "  padded  "), ("non-ascii", "数据 é 🎬"),
            ("markup", "&lt;b&gt; &amp; &quot;c&quot; &apos;d&apos;"), ("references", "&#65;&#x4e2d;"),
            ("namespace-in-braces", "{http://s3.amazonaws.com/doc/2006-03-01/}key"), ("quotes", "it's \"so\""),
            ("backslash", "C:\\new\\table\\u0041"), ("line-breaks", "one\ntwo"), ("percent", "100%25+%E4%B8%AD"),
            ("plus", "a+b c"), ("1024", TEXTS["user-data-1024"].replace("&", "&amp;").replace("<", "&lt;")
             .replace(">", "&gt;")), ("cdata", "<![CDATA[a<b>&c]]>")):
        yield f"user-data-{name}", f"UserData: {name.replace('-', ' ')}", node + "user-data", changed(
            HASH, ("<UserData>This is my data.<", f"<UserData>{value}<"))
    yield "object-reserved", "the key of an object with reserved characters", node + "input.object", changed(
        HASH, ("<Object>input/demo.mp4<", "<Object>输入/a&amp;b+c %20&lt;d&gt;.mp4<"))


def writings():
    """Ways to write the same document."""
    form = "xml.well-formed"
    yield "no-declaration", "no XML declaration", form, HASH
    yield "declaration", "an XML declaration", form, DECLARATION + HASH
    yield "declaration-line", "an XML declaration on a line of its own", form, DECLARATION + "\n" + HASH + "\n"
    yield "declaration-quotes", "an XML declaration with single quotes", form, (
        "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>" + HASH)
    yield "byte-order-mark", "a byte order mark", form, "\ufeff" + DECLARATION + HASH
    indented = ElementTree.fromstring(HASH)
    ElementTree.indent(indented, "\t")
    yield "indented", "indented, as the pages print it", form, DECLARATION + "\n" + text(indented)
    yield "crlf", "indented, with CR and LF", form, text(indented).replace("\n", "\r\n")
    yield "comments", "comments between nodes", form, changed(
        HASH, ("<Tag>", "<!-- a <comment/> --><Tag>"), ("<State>", "<!----><State>"))
    yield "comment-in-value", "a comment inside a value", form, changed(
        HASH, ("<State>Success", "<State>Suc<!-- x -->cess"))
    yield "processing-instruction", "a processing instruction", form, changed(HASH, ("<Tag>", "<?a b?><Tag>"))
    yield "blanks-in-tags", "blanks inside tags", form, changed(HASH, ("</Tag>", "</Tag >"), ("<Tag>", "<Tag\n>"))


READ_OPERATION = "file-jobs.query"


def read():
    for operation in RIGHT:
        yield from read_documents(operation)
    for name, title, requirement, body in shapes():
        yield reading(READ_OPERATION, f"shape/{name}", title, known(requirement), [{"status": 200, "body": body}],
                      "result")
    yield from read_envelopes()
    yield from read_faults()
    yield from read_errors()
    yield from read_repetitions()
    yield from read_breaks()


def reading(operation, name, title, requirements, answers, expect, **more):
    entry = {"id": f"client/read/{operation}/{name}", "title": title, "operation": operation,
             "requirements": requirements, "answers": answers, "expect": expect}
    return {**entry, **more}


def read_documents(operation):
    for file in sorted(CORPUS.glob(f"{operation}.response.*.xml")):
        name = file.stem.removeprefix(f"{operation}.response.")
        yield reading(operation, f"document/{name}", f"the answer {file.name}",
                      known(f"{operation}.response", f"{operation.split('.')[0]}.jobs-detail", "xml.root"),
                      [{"status": 200, "document": f"valid/{file.name}"}], "result")
    if RIGHT[operation][1] is None:
        yield reading(operation, "empty", "the empty answer of a cancellation",
                      known(f"{operation}.no-response-body"), [{"status": 200}], "empty")
    else:
        yield reading(operation, "empty", "an answer without a body", known(f"{operation}.response", "xml.root"),
                      [{"status": 200}], "empty-or-failure")
    yield reading(
        operation, "refused", "a refusal of the service", known("error.document"),
        [{"status": 403, "body": error("AccessDenied", "Access Denied.", resource="/")}], "failure", requests_max=1,
        failure={"status": 403, "code": "AccessDenied", "message": "Access Denied.", "request_id": REQUEST_ID})


def read_envelopes():
    """The same document in other heads."""
    types = {
        "charset": "application/xml; charset=utf-8", "charset-quoted": 'application/xml;charset="UTF-8"',
        "capitals": "Application/XML", "text-xml": "text/xml", "text-plain": "text/plain",
        "octet-stream": "application/octet-stream", "json": "application/json", "html": "text/html", "none": None}
    wrong = {"text-plain", "octet-stream", "json", "html", "none"}
    for name, value in types.items():
        yield reading(
            READ_OPERATION, f"head/type-{name}", f"the document as {value or 'no type at all'}",
            known("response-headers.content-type.values"),
            [{"status": 200, "headers": {"Content-Type": value}, "body": HASH}],
            "result-or-failure" if name in wrong else "result")
    yield reading(READ_OPERATION, "head/no-date", "an answer without Date", known("response-headers.date.required"),
                  [{"status": 200, "headers": {"Date": None}, "body": HASH}], "result")
    yield reading(READ_OPERATION, "head/no-request-id", "an answer without x-ci-request-id",
                  known("response-headers.x-ci-request-id.required"),
                  [{"status": 200, "headers": {"x-ci-request-id": None}, "body": HASH}], "result")
    yield reading(READ_OPERATION, "head/unknown-fields", "header fields that are not documented",
                  known("response-headers.common-only"),
                  [{"status": 200, "headers": {"x-ci-new": "1", "Vary": "Origin", "Set-Cookie": "a=b"}, "body": HASH}],
                  "result")
    yield reading(READ_OPERATION, "head/close", "the connection is closed behind the answer",
                  known("response-headers.connection.values"),
                  [{"status": 200, "headers": {"Connection": "close"}, "body": HASH}], "result")
    yield reading("jobs.cancel", "head/no-content", "a cancellation that is answered with 204",
                  known("jobs.cancel.success"), [{"status": 204}], "empty-or-failure")


def read_faults():
    """Answers that cannot be read."""
    faults = {
        "cut-in-tag": HASH[:200], "cut-in-value": HASH[:HASH.index("</State>") - 3],
        "cut-before-end": HASH[:-len("</Response>")], "cut-in-end": HASH[:-1], "one-byte": "<", "blanks": "   \n",
        "text": "Service is being deployed.", "json": '{"JobsDetail": []}', "json-error": '{"code": 500}',
        "html": "<html><head><title>502</title><body><h1>Bad Gateway</h1><hr></body></html>",
        "unclosed-node": changed(HASH, ("</Tag>", "<Tag>")), "crossed-tags": "<Response><a><b></a></b></Response>",
        "two-roots": HASH + HASH, "text-behind": HASH + "trailing", "bare-ampersand": changed(HASH, ("This is", "A & B")),
        "unknown-entity": changed(HASH, ("This is", "&nbsp;")), "control-character": changed(HASH, ("This is", "\u0001")),
        "nul": changed(HASH, ("This is", "\u0000")), "attribute-twice": changed(HASH, ("<Tag>", '<Tag a="1" a="2">')),
        "declaration-late": "\n" + DECLARATION + HASH}
    for name, body in faults.items():
        yield reading(READ_OPERATION, f"fault/{name}", f"an answer that is no XML: {name.replace('-', ' ')}",
                      known("xml.well-formed"), [{"status": 200, "body": body}], "unreadable")
    yield reading("file-jobs.submit", "fault/cut-short", "the answer to a submission is cut short",
                  known("xml.well-formed"), [{"status": 200, "body": SUBMITTED[:300]}], "unreadable")
    yield reading(READ_OPERATION, "fault/other-root", "a page of a proxy that happens to be well-formed", known("xml.root"),
                  [{"status": 200, "body": "<html><body><h1>Sign in</h1></body></html>"}], "unreadable")
    yield reading(READ_OPERATION, "fault/empty-root", "a root without nodes", known("xml.root"),
                  [{"status": 200, "body": "<Response/>"}], "empty-or-failure")


def error(code, message, resource=None, request_id=REQUEST_ID, trace_id=TRACE_ID, more=""):
    nodes = {"Code": code, "Message": message, "Resource": resource, "RequestId": request_id, "TraceId": trace_id}
    root = ElementTree.Element("Error")
    for name, value in nodes.items():
        if value is not None:
            ElementTree.SubElement(root, name).text = value
    return DECLARATION + text(root).replace("</Error>", more + "</Error>")


def refusal(name, title, status, code, requirements, body, message="What went wrong.", **more):
    told = {"status": status, "code": code, "message": message, "request_id": REQUEST_ID}
    told = {key: value for key, value in {**told, **more.pop("told", {})}.items() if value is not None}
    if 400 <= status < 500 and status != 429:
        more["requests_max"] = 1
    answer = {"status": status, "body": body, **more.pop("answer", {})}
    return reading(READ_OPERATION, f"error/{name}", title, requirements, [answer], "failure", failure=told, **more)


def read_errors():
    message = "What went wrong."
    for entry in CODES["ci"]:
        for status in entry["status"]:
            code, wanted = entry["code"], known(f"error.code.status-{status}", "error.code.ci-table")
            name = f"{status}-{code}"
            yield refusal(f"{name}", f"{status} {code}, in the shape of the CI pages", status, code, wanted,
                          error(code, message))
            yield refusal(f"{name}-with-resource", f"{status} {code} with a Resource", status, code, wanted,
                          error(code, message, resource="/file_jobs"))
    for status, code in ((400, "MalformedXML"), (403, "SignatureDoesNotMatch"), (403, "InvalidAccessKeyId"),
                         (403, "RequestTimeTooSkewed"), (403, "Request has expired"), (404, "NoSuchKey"),
                         (404, "NoSuchBucket"), (405, "MethodNotAllowed"), (409, "PathConflict"), (503, "SlowDown")):
        yield refusal(f"cos-{status}-{code.replace(' ', '-')}", f"{status} {code} of the COS table", status, code,
                      known("error.code.cos-status"), error(code, message, resource="/file_jobs"))
    yield from read_error_shapes(message)


def read_error_shapes(message):
    code, both = "ResourceNotFound", known("error.document")

    def shape(name, title, body, requirement="error.document", **more):
        return refusal(f"shape-{name}", title, 400, code, known(requirement), body, **more)

    yield shape("no-trace-id", "an Error without TraceId", error(code, message, "/", trace_id=None),
                "error.trace-id.required")
    yield shape("empty-trace-id", "an Error with an empty TraceId", error(code, message, "/", trace_id=""),
                "error.trace-id")
    yield shape("empty-resource", "an Error with an empty Resource", error(code, message, ""), "error.resource.present")
    yield shape("empty-message", "an Error with an empty Message", error(code, "", "/"), "error.message",
                told={"message": None})
    yield shape("no-message", "an Error without Message", error(code, None, "/"), "error.message.required",
                told={"message": None})
    yield shape("no-request-id", "an Error without RequestId", error(code, message, "/", request_id=None),
                "error.request-id.required", told={"request_id": None})
    yield shape("non-ascii", "a Message that is not ASCII", error(code, "对象不存在 – né", "/"), "error.message",
                told={"message": "对象不存在 – né"})
    yield shape("markup", "a Message with markup", error(code, "<a> & \"b\"", "/"), "error.message",
                told={"message": "<a> & \"b\""})
    yield shape("no-declaration", "an Error without a declaration",
                error(code, message, "/").removeprefix(DECLARATION))
    yield shape("reordered", "an Error whose nodes are in another order",
                text(reordered(ElementTree.fromstring(error(code, message, "/")))), "xml.order-free")
    yield shape("unknown-node", "an Error with a node that is not documented",
                error(code, message, "/", more="<HostId>1</HostId>"))
    yield shape("nested-code", "an Error whose unknown node holds another Code",
                error(code, message, "/", more="<Detail><Code>Inner</Code><Message>Inner.</Message></Detail>"))
    yield shape("text-html", "an Error as text/html", error(code, message, "/"),
                answer={"headers": {"Content-Type": "text/html"}})
    yield shape("numeric", "a numeric Code", error("1103", message, "/"), "error.code.numeric-table",
                told={"code": "1103"})
    skewed = "<ServerTime>2023-11-14T23:15:00Z</ServerTime>"
    yield refusal("clock-skew", "the clock is too far off, with the time of the server", 403, "RequestTimeTooSkewed",
                  both, error("RequestTimeTooSkewed", message, "/", more=skewed))
    yield refusal("clock-skew-no-resource", "the same in the shape of the CI pages", 403, "RequestTimeTooSkewed", both,
                  error("RequestTimeTooSkewed", message, more=skewed))
    nothing = {"code": None, "message": None, "request_id": None}
    for status in (400, 403, 404, 500, 502, 503, 504):
        yield refusal(f"empty-{status}", f"{status} without a body", status, None, both, "", told=nothing)
    for name, body in (("html", "<html><body>Bad Gateway<br></body></html>"), ("json", '{"code": -1}'),
                       ("cut-short", error(code, message, "/")[:90]), ("other-root", "<Response><Code>x</Code></Response>"),
                       ("blank", " ")):
        yield refusal(f"body-{name}", f"502 with a body that is no Error: {name}", 502, None, both, body, told=nothing)
    for status, code in ((301, "PermanentRedirect"), (302, "TemporaryRedirect"), (307, "TemporaryRedirect")):
        yield refusal(
            f"{status}-with-location", f"{status} with a Location", status, code,
            known("error.code.status-301", "error.code.status-307"), error(code, message, resource="/"),
            answer={"headers": {"Location": "http://test-1250000000.ci.ap-beijing.myqcloud.com/file_jobs"}})
    yield refusal("304", "304 without a body", 304, None, both, "", told=nothing)


def read_repetitions():
    """An answer that may be asked for once more, then the right one: either is right, but nothing third."""
    for name, first in (("500", (500, "InternalError")), ("503", (503, "ServiceUnavailable")),
                        ("503-slow-down", (503, "SlowDown")), ("429", (429, "SlowDown"))):
        status, code = first
        for operation, body in ((READ_OPERATION, HASH), ("file-jobs.submit", SUBMITTED)):
            failed = {"status": status, "body": error(code, "Try again.", resource="/")}
            yield reading(operation, f"again/{name}", f"{status} {code}, then the right answer",
                          known(f"error.code.status-{status}"), [failed, {"status": 200, "body": body}],
                          "result-or-failure",
                          failure={"status": status, "code": code, "message": "Try again.", "request_id": REQUEST_ID})
    failed = {"status": 500, "body": error("InternalError", "Try again.", resource="/")}
    yield reading(READ_OPERATION, "again/500-twice", "500 twice, then the right answer",
                  known("error.code.status-500"), [failed, failed, {"status": 200, "body": HASH}], "result-or-failure",
                  failure={"status": 500, "code": "InternalError"})
    yield reading(READ_OPERATION, "again/404-then-right", "404, then what a second request must not come for",
                  known("error.code.status-404"),
                  [{"status": 404, "body": error("InvalidUrl", "No.", resource="/")}, {"status": 200, "body": HASH}],
                  "failure", failure={"status": 404, "code": "InvalidUrl"}, requests_max=1)
    yield reading(READ_OPERATION, "again/500-then-404", "500, then 404", known("error.code.status-500"),
                  [failed, {"status": 404, "body": error("InvalidUrl", "No.", resource="/")}], "unreadable")


def read_breaks():
    """Connections that break; Content-Length tells that an answer is not whole."""
    right, reset = {"status": 200, "body": HASH}, {"status": 200, "breaks": "reset"}
    wanted = known("response-headers.content-length.true")
    for name, count in (("without-body", 0), ("in-body", 300), ("before-last-byte", len(HASH.encode()) - 1)):
        yield reading(READ_OPERATION, f"line/cut-{name}", f"the connection ends {name.replace('-', ' ')}", wanted,
                      [{**right, "breaks": "cut", "bytes": count}], "unreadable")
    whole = {"status": 200, "body": HASH + " " * 100, "breaks": "cut", "bytes": len(HASH.encode()) + 50}
    yield reading(READ_OPERATION, "line/cut-behind-document", "the connection ends in the blanks behind the document",
                  wanted, [whole], "result-or-failure")
    yield reading(READ_OPERATION, "line/reset", "the connection is reset, each time", wanted, [reset], "unreadable")
    yield reading(READ_OPERATION, "line/cut-error", "the connection ends in a refusal", wanted,
                  [{"status": 400, "body": error("InvalidArgument", "No.", "/"), "breaks": "cut", "bytes": 60}],
                  "unreadable")
    for operation, body in ((READ_OPERATION, HASH), ("file-jobs.submit", SUBMITTED)):
        for name, first in (("reset", reset), ("cut", {**right, "breaks": "cut", "bytes": 100})):
            yield reading(operation, f"line/{name}-then-right", f"{name}, then the right answer", wanted,
                          [first, {"status": 200, "body": body}], "result-or-failure")


FILES = {
    "right": ("A right call of each operation, and an answer to it", lambda: ("operations", right())),
    "sent": ("What a client library is called with; its request is judged", lambda: ("cases", list(sent()))),
    "read": ("What a client library is answered; its result is judged", lambda: ("cases", list(read())))}


def main():
    wrong = 0
    FOLDER.mkdir(exist_ok=True)
    for name, (title, content) in FILES.items():
        key, value = content()
        if key == "cases" and len({one["id"] for one in value}) < len(value):
            sys.exit(f"{name}: an ID stands twice")
        made = json.dumps({"format": 1, "title": title, key: value}, ensure_ascii=False, indent=1) + "\n"
        file = FOLDER / f"{name}.json"
        if "--check" not in sys.argv[1:]:
            file.write_text(made)
        elif not file.exists() or file.read_text() != made:
            print(f"{file.relative_to(ROOT)} is not what Vectors/tools/client.py writes", file=sys.stderr)
            wrong = 1
        print(f"{name}: {len(value)} {key}")
    return wrong


sys.exit(main())
