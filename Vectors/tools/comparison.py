#!/usr/bin/env python3
"""Writes Vectors/comparison/pairs.json: pairs of answers, and what a comparison of them has to say.

The expectations are written here by hand, from the classes that the documentation gives each node
(Schemas/README.md); nothing is taken from a comparer. `comparison.py --check` only compares the file.
"""

import base64
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TARGET = os.path.join(HERE, "..", "comparison", "pairs.json")

# Version-1 UUIDs: each holds the time that stands beside it.
JOB, BORN = "f93984788066911ed89ed352d4d9d2084", "2022-07-18T15:16:43+0800"
JOB2, BORN2 = "f9640f1b0874211edb47e5fa2d6bd5e47", "2022-12-29T14:32:37+0800"
GONE, GONE2 = "f99ca3336ebde11ed96313ffa040a7000", "f12345678ebde11ed96313ffa040a7000"
QUEUE, QUEUE2 = "p2242ab62c7c94486915508540933a2c6", "p2911917386e148639319e13c285cc774"
REQUEST_ID, REQUEST_ID2 = "NjJiZDU1ZmZfOTBmYTUwNjRfNzdjY18xYQ==", "NjMxMDJhYTNfMThhYTk0MGFfYmU1OV8zZjc="

JOBS = "/Response/JobsDetail"
HASH = JOBS + "/Operation/FileHashCodeResult"
CONFIG = JOBS + "/Operation/FileHashCodeConfig"

CLASSES = "Schemas/README.md, class of the node"
STATES = "documentation, job states: Submitted to Running to Success or Failed; Submitted and Pause both ways; waiting jobs to Cancel"
XML = "XML 1.0, fifth edition"
NAMESPACES = "Namespaces in XML 1.0"
PAGE = "documentation of the file processing pages"
HEADERS = "documentation, common response headers"
ERRORS = "documentation, error codes of CI and of COS"
CAPTURE = "captures of 2020 and 2022 printed in the documentation"


def job(id=JOB, state="Success", born=BORN, start="2022-07-18T15:16:44+0800", end="2022-07-18T15:16:49+0800",
        code="Success", message="", type="MD5", digest=None, data="This is my data.", object="input/demo.mp4",
        queue=QUEUE, tag="FileHashCode", result=None, tail=""):
    """A hash job as the pages describe it; a finished one has its result."""
    if state in ("Submitted", "Pause"):
        start = "-"
    if state in ("Submitted", "Pause", "Running"):
        end = "-"
    if result is None:
        digest = digest or "3355b4c1078429b94a083459e194f5ec"
        result = (f"<FileHashCodeResult><{type}>{digest}</{type}><FileSize>1048576</FileSize>"
                  "<LastModified>2022-06-30T15:29:42+0800</LastModified>"
                  '<Etag>"ee8de918d05640145b18f70f4c3aa602"</Etag></FileHashCodeResult>') if state == "Success" else ""
    return ("<JobsDetail>"
            f"<Code>{code}</Code><Message>{message}</Message><JobId>{id}</JobId><State>{state}</State>"
            f"<CreationTime>{born}</CreationTime><StartTime>{start}</StartTime><EndTime>{end}</EndTime>"
            f"<QueueId>{queue}</QueueId><Tag>{tag}</Tag>"
            f"<Input><BucketId>test-1234567890</BucketId><Object>{object}</Object><Region>ap-chongqing</Region></Input>"
            f"<Operation><FileHashCodeConfig><Type>{type}</Type><AddToHeader>true</AddToHeader></FileHashCodeConfig>"
            f"{result}<UserData>{data}</UserData></Operation>{tail}</JobsDetail>")


def other(**changes):
    """Another job, with an identifier and times of its own."""
    return job(**{"id": JOB2, "born": BORN2, "start": "2022-12-29T14:32:38+0800", "end": "2022-12-29T14:32:40+0800", **changes})


def response(*parts):
    return "<Response>" + "".join(parts) + "</Response>"


def failed(**changes):
    return job(**{"state": "Failed", "code": "ResourceNotFound", "message": "The object does not exist.", **changes})


def gone(*ids):
    return "".join(f"<NonExistJobIds>{id}</NonExistJobIds>" for id in ids)


def submit(type="MD5", data="This is my data."):
    return (f"<Request><Tag>FileHashCode</Tag><Input><Object>input/demo.mp4</Object></Input><Operation><FileHashCodeConfig>"
            f"<Type>{type}</Type><AddToHeader>true</AddToHeader></FileHashCodeConfig><UserData>{data}</UserData></Operation></Request>")


def compress(keys, errors=None, state="Success"):
    result = ""
    if state == "Success":
        detail = "".join(f"<ErrorFile>{name}</ErrorFile>" for name in errors or [])
        detail = f"<ErrorDetail><ErrorCount>{len(errors)}</ErrorCount>{detail}</ErrorDetail>" if errors else ""
        result = ("<FileCompressResult><Region>ap-chongqing</Region><Bucket>test-1234567890</Bucket>"
                  f"<Object>output/test.zip</Object>{detail}</FileCompressResult>")
    return (f"<Response><JobsDetail><Code>Success</Code><Message/><JobId>{JOB}</JobId><State>{state}</State>"
            f"<CreationTime>{BORN}</CreationTime><StartTime>2022-07-18T15:16:44+0800</StartTime>"
            f"<EndTime>2022-07-18T15:16:49+0800</EndTime><QueueId>{QUEUE}</QueueId><Tag>FileCompress</Tag><Operation>"
            "<FileCompressConfig><Flatten>0</Flatten><Format>zip</Format>" + "".join(f"<Key>{key}</Key>" for key in keys)
            + f"</FileCompressConfig>{result}<Output><Region>ap-chongqing</Region><Bucket>test-1234567890</Bucket>"
            "<Object>output/test.zip</Object></Output></Operation></JobsDetail></Response>")


def error(code="ResourceNotFound", message="The object does not exist.", resource=None, request=REQUEST_ID, trace=REQUEST_ID):
    return ("<Error>" + (f"<Code>{code}</Code>" if code else "") + f"<Message>{message}</Message>"
            + (f"<Resource>{resource}</Resource>" if resource else "") + f"<RequestId>{request}</RequestId>"
            + (f"<TraceId>{trace}</TraceId>" if trace else "") + "</Error>")


def document(pages, tail=""):
    """A finished document conversion; `pages` are the PageInfo it lists in order."""
    info = "".join(f"<PageInfo><PageNo>{number}</PageNo><TgtUri>{uri}</TgtUri></PageInfo>" for number, uri in pages)
    return ("<Response><JobsDetail><Code>Success</Code><CreationTime>2020-07-24T17:28:47+0800</CreationTime>"
            "<EndTime>2020-07-24T17:28:49+0800</EndTime><Input><Object>1.doc</Object></Input>"
            "<JobId>d13cfd584cd9011ea820b597ad1785a2f</JobId><Message/><Operation><DocProcess><EndPage>2</EndPage><ImageParams/>"
            "<SrcType/><StartPage>1</StartPage><TgtType>png</TgtType></DocProcess><DocProcessResult><FailPageCount>0</FailPageCount>"
            f"{info}<SuccPageCount>{len(pages)}</SuccPageCount><TaskId/><TgtType/><TotalPageCount>{len(pages)}</TotalPageCount>"
            "</DocProcessResult><Output><Bucket>examplebucket-1250000000</Bucket><Object>big/test-${Number}</Object>"
            "<Region>ap-chongqing</Region></Output></Operation><QueueId>p50882922b848464fadd222d771438328</QueueId>"
            f"<State>Success</State><Tag>DocProcess</Tag>{tail}</JobsDetail></Response>")


def animation(fps="25", duration="10", size="1048576", length="0.870000"):
    return ("<Response><JobsDetail><Code>Success</Code><Message/><JobId>j682b9662f84611ecb8546d80f2baf56f</JobId><State>Success</State>"
            "<CreationTime>2022-06-30T15:29:42+0800</CreationTime><StartTime>2022-06-30T15:29:43+0800</StartTime>"
            f"<EndTime>2022-06-30T15:29:48+0800</EndTime><QueueId>{QUEUE}</QueueId><Tag>Animation</Tag><Input>"
            "<BucketId>test-1234567890</BucketId><Object>input/demo.mp4</Object><Region>ap-chongqing</Region></Input><Operation>"
            f"<Animation><Container><Format>gif</Format></Container><Video><Codec>gif</Codec><Width>1280</Width><Fps>{fps}</Fps>"
            "<AnimateOnlyKeepKeyFrame>true</AnimateOnlyKeepKeyFrame></Video><TimeInterval><Start>0</Start>"
            f"<Duration>{duration}</Duration></TimeInterval></Animation><Output><Region>ap-chongqing</Region>"
            "<Bucket>test-1234567890</Bucket><Object>output/animation.gif</Object></Output><MediaInfo><Format>"
            f"<Duration>{length}</Duration><FormatName>gif</FormatName><Size>{size}</Size></Format></MediaInfo></Operation>"
            "</JobsDetail></Response>")


def media_jobs(*objects):
    """The answer to a request with several operations: one job for each, in their order."""
    ids = [("j682b9662f84611ecb8546d80f2baf56f", "2022-06-30T15:29:42+0800"), ("jccddc41c27e711ebbff5874bc5b36868", "2020-11-16T16:43:29+0800")]
    return response(*(
        f"<JobsDetail><Code>Success</Code><Message/><JobId>{id}</JobId><State>Submitted</State><CreationTime>{born}</CreationTime>"
        f"<StartTime>-</StartTime><EndTime>-</EndTime><QueueId>{QUEUE}</QueueId><Tag>Animation</Tag><Input>"
        "<BucketId>test-1234567890</BucketId><Object>input/demo.mp4</Object><Region>ap-chongqing</Region></Input><Operation>"
        "<TemplateId>t1f16e1dfbdc994105b31292d45710642a</TemplateId><TemplateName>name</TemplateName><Output>"
        f"<Region>ap-chongqing</Region><Bucket>test-1234567890</Bucket><Object>{name}</Object></Output></Operation></JobsDetail>"
        for (id, born), name in zip(ids, objects)))


def media_operation(name):
    return ("<Operation><TemplateId>t1f16e1dfbdc994105b31292d45710642a</TemplateId><Output><Region>ap-chongqing</Region>"
            f"<Bucket>test-1234567890</Bucket><Object>{name}</Object></Output></Operation>")


def queues(*names, total="2", request=REQUEST_ID):
    entries = {"a": (QUEUE, "transcode-1"), "b": (QUEUE2, "transcode-2")}
    return (f"<Response><RequestId>{request}</RequestId><TotalCount>{total}</TotalCount><PageNumber>1</PageNumber><PageSize>10</PageSize>"
            + "".join(
                f"<QueueList><QueueId>{entries[name][0]}</QueueId><Name>{entries[name][1]}</Name><State>Active</State><NotifyConfig>"
                "<Url/><Event/><Type/><State>Off</State></NotifyConfig><MaxSize>10000</MaxSize><MaxConcurrent>10</MaxConcurrent>"
                "<Category>Transcoding</Category><CreateTime>2022-06-30T15:29:42+0800</CreateTime>"
                "<UpdateTime>2022-06-30T15:29:42+0800</UpdateTime><BucketId>test-1234567890</BucketId></QueueList>" for name in names)
            + "</Response>")


def message(body, status="200 OK", drop=(), **changes):
    """A response as text with the documented header fields; underscores in names are hyphens."""
    fields = {
        "Content-Type": "application/xml", "Content-Length": str(len(body.encode())), "Connection": "keep-alive",
        "Date": "Thu, 30 Jun 2022 07:51:27 GMT", "Server": "tencent-ci", "x-ci-request-id": REQUEST_ID,
    }
    fields.update({name.replace("_", "-"): value for name, value in changes.items()})
    lines = [f"{name}: {value}" for name, value in fields.items() if name not in drop]
    return f"HTTP/1.1 {status}\n" + "\n".join(lines) + "\n\n" + body


def edit(text, old, new, count=1):
    """The text with one part replaced; it must be there that often."""
    assert text.count(old) == count, (old, text.count(old))
    return text.replace(old, new)


# ---------------------------------------------------------------------------------------------------------------------

VECTORS = []
DEFAULTS = {}


def group(prefix, source, operation="file-jobs.query", part="response"):
    DEFAULTS.update(prefix=prefix, source=source, operation=operation, part=part)


def said(nodeClass, path, requirement=None, **more):
    entry = {"class": nodeClass, "path": path}
    if requirement:
        entry["requirement"] = requirement
    entry.update(more)
    return entry


def noise(path):
    return said("noise", path)


def changed(path, **more):
    return said("changed", path, **more)


def gap(path, type=None):
    return said("gap", path, **({"proposedType": type} if type else {}))


def violation(path, requirement=None, **more):
    return said("violation", path, requirement, **more)


def pair(name, reason, recorded, actual, *differences, request=None, earlier=None, **more):
    vector = {"id": f"comparison/{DEFAULTS['prefix']}/{name}", "reason": reason, "source": more.get("source", DEFAULTS["source"]),
              "operation": more.get("operation", DEFAULTS["operation"]), "part": more.get("part", DEFAULTS["part"])}
    if request:
        vector["request"] = request
    if earlier:
        vector["earlier"] = [{"recorded": one, "actual": two} for one, two in earlier]
    vector["recorded"] = recorded
    if isinstance(actual, bytes):
        vector["actualBase64"] = base64.b64encode(actual).decode()
    else:
        vector["actual"] = actual
    vector["equal"] = all(entry["class"] == "noise" for entry in differences)
    vector["differences"] = list(differences)
    VECTORS.append(vector)


DONE, WAITING, RUNNING = response(job()), response(job(state="Submitted")), response(job(state="Running"))
PAUSED, CANCELLED, BROKEN = response(job(state="Pause")), response(job(state="Cancel", start="-")), response(failed())

# --- A document and itself -------------------------------------------------------------------------------------------
group("self", "WireMock issue 3508: a document unequal to itself")
pair("waiting-job", "Byte for byte the same.", WAITING, WAITING)
pair("finished-job", "Byte for byte the same.", DONE, DONE)
pair("two-jobs-alike", "Two siblings that differ in nothing but their identifiers and times.", response(job(), other()), response(job(), other()))
pair("repeated-values", "The same value three times.", compress(["a.txt", "a.txt", "a.txt"]), compress(["a.txt", "a.txt", "a.txt"]))
pair("animation", "Byte for byte the same, with nodes five deep.", animation(), animation(), operation="jobs.query")
pair("document-capture", "A capture against itself.", document([(2, "big/test-1")]), document([(2, "big/test-1")]), operation="doc-jobs.query", source=CAPTURE)
pair("error", "An error against itself.", error(), error(), part="error")
pair("queue-page", "A page of queues against itself.", queues("a", "b"), queues("a", "b"), operation="queues.list")
pair("mixed-content", "Text beside nodes is no less wrong for having been recorded.",
     edit(WAITING, "<JobsDetail>", "<JobsDetail>stray"), edit(WAITING, "<JobsDetail>", "<JobsDetail>stray"), violation(JOBS))
pair("wrong-recording", "The recording breaks a requirement; an answer that does the same breaks it too.",
     response(job(state="Done", result="")), response(job(state="Done", result="")), violation(JOBS + "/State", "file-jobs.jobs-detail.state.values"))

# --- Roots and namespaces --------------------------------------------------------------------------------------------
group("roots", "WireMock issue 934: documents with different roots taken for equal")
pair("another-name", "The root is Answer, not Response.", WAITING, edit(edit(WAITING, "<Response>", "<Answer>"), "</Response>", "</Answer>"), violation("/Answer"))
pair("another-case", "Names are case sensitive.", WAITING, edit(edit(WAITING, "<Response>", "<response>"), "</Response>", "</response>"), violation("/response"))
pair("child-as-root", "The node that should be inside is the root.", WAITING, job(state="Submitted"), violation("/JobsDetail"))
pair("wrapped", "The whole answer stands inside one more Response.", WAITING, response(WAITING),
     violation("/Response", "file-jobs.query.response.tells-jobs"), changed(JOBS), gap("/Response/Response"), source="erratum E42: a doubled Response")
pair("error-instead", "An error document where a job was recorded.", WAITING, error(), changed("/Error"))
group("namespaces", "WireMock issues 647 and 2936: namespaces ignored")
pair("default-namespace", "All nodes are in a namespace; the API's are in none.", WAITING, edit(WAITING, "<Response>", '<Response xmlns="urn:x">'), violation("/Response"))
pair("prefixed-root", "The root is in a namespace by a prefix.", WAITING,
     edit(edit(WAITING, "<Response>", '<x:Response xmlns:x="urn:x">'), "</Response>", "</x:Response>"), violation("/Response"))
pair("unused-prefix", "A prefix that is declared and never used puts nothing into a namespace.", WAITING,
     edit(WAITING, "<Response>", '<Response xmlns:x="urn:x">'), source=NAMESPACES)
pair("undeclared-default", 'An empty xmlns is no namespace.', WAITING, edit(WAITING, "<Response>", '<Response xmlns="">'), source=NAMESPACES)
pair("namespaced-child", "UserData in a namespace is another node than UserData.", WAITING,
     edit(edit(WAITING, "<UserData>", '<x:UserData xmlns:x="urn:x">'), "</UserData>", "</x:UserData>"),
     violation(JOBS + "/Operation/UserData", "xml.no-namespace"))
group("attributes", "tools that drop attributes; the API's documents have none")
pair("on-the-root", "An attribute that the recording does not have.", WAITING, edit(WAITING, "<Response>", '<Response version="1">'), violation("/Response", "xml.no-attributes"))
pair("on-a-value", "An attribute on a leaf.", WAITING, edit(WAITING, "<State>", '<State code="0">'), violation(JOBS + "/State", "xml.no-attributes"))
pair("recorded-only", "The recording has one and the answer none: the answer is right, and still another.",
     edit(WAITING, "<State>", '<State code="0">'), WAITING, changed(JOBS + "/State"))
pair("other-value", "Both have one, with other values; none is allowed.", edit(WAITING, "<State>", '<State code="0">'),
     edit(WAITING, "<State>", '<State code="1">'), violation(JOBS + "/State", "xml.no-attributes"))

# --- Ways to write the same ------------------------------------------------------------------------------------------
group("text", XML)


def urls(text):
    return edit(compress([]), "<Format>", f"<UrlList>{text}</UrlList><Format>")


pretty = WAITING.replace("><", ">\n  <").replace("<Message>\n  </Message>", "<Message></Message>")
pair("blanks-between-nodes", "Blanks between nodes of a container mean nothing.", WAITING, pretty)
pair("tabs-and-returns-between-nodes", "Nor do tabs and carriage returns.", WAITING, pretty.replace("\n  ", "\r\n\t"))
pair("empty-tag", "<Message/> and <Message></Message> are one.", WAITING, edit(WAITING, "<Message></Message>", "<Message/>"))
pair("blank-in-a-tag", "A blank before > is none of the content.", WAITING, edit(WAITING, "<State>", "<State >"))
pair("declaration", "An XML declaration more.", WAITING, '<?xml version="1.0" encoding="utf-8"?>\n' + WAITING)
pair("declaration-standalone", "Capitals in the encoding, and standalone.", WAITING, '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>' + WAITING)
pair("byte-order-mark", "A UTF-8 byte order mark is no content.", WAITING, b"\xef\xbb\xbf" + WAITING.encode())
pair("comment-between-nodes", "A comment is no content.", WAITING, edit(WAITING, "<State>", "<!-- state --><State>"))
pair("comment-in-a-value", "A comment inside a value splits it and changes nothing.", WAITING, edit(WAITING, "This is my data.", "This is <!-- x -->my data."))
pair("processing-instruction", "A processing instruction is no content.", WAITING, edit(WAITING, "<State>", "<?x y?><State>"))
pair("cdata", "CDATA is another way to write text.", WAITING, edit(WAITING, "This is my data.", "<![CDATA[This is my data.]]>"))
pair("cdata-in-part", "Text and CDATA mixed are one text.", WAITING, edit(WAITING, "This is my data.", "This <![CDATA[is my]]> data."))
pair("cdata-with-markup", "Markup in CDATA is text, as escaped markup is.", response(job(state="Submitted", data="a &lt;b&gt; &amp; c")),
     response(job(state="Submitted", data="<![CDATA[a <b> & c]]>")))
pair("cdata-of-a-state", "CDATA in an enumerated value.", WAITING, edit(WAITING, "<State>Submitted<", "<State><![CDATA[Submitted]]><"))
pair("character-reference", "A character by its number, decimal and hexadecimal.", WAITING, edit(WAITING, "This is my data.", "&#84;his &#x69;s my data."))
pair("entity-or-reference", "An ampersand by its name or its number.", response(job(state="Submitted", data="a &amp; b")), response(job(state="Submitted", data="a &#38; b")))
pair("escaped-quotation-mark", "A quotation mark in text needs no escape and may have one.", DONE, DONE.replace('"', "&quot;"))
pair("reference-beyond-the-first-plane", "A character beyond U+FFFF by its number.", response(job(state="Submitted", object="\U0001F600.mp4")),
     response(job(state="Submitted", object="&#x1F600;.mp4")))
pair("line-end", "A parser reads CR LF as LF.", urls("a\nb"), urls("a\r\nb"))
pair("escaped-return", "An escaped carriage return stays one.", urls("a\nb"), urls("a&#13;\nb"),
     violation(JOBS + "/Operation/FileCompressConfig/UrlList"))
pair("single-quotes-in-declaration", "Apostrophes around the version.", WAITING, "<?xml version='1.0' encoding='utf-8'?>" + WAITING)
pair("blank-at-the-start-of-a-value", "Blanks at the ends of a value count: it is another key.", WAITING, response(job(state="Submitted", object=" input/demo.mp4")),
     violation(JOBS + "/Input/Object"))
pair("newline-after-a-state", "A state with a line end is none of the states.", WAITING, edit(WAITING, "<State>Submitted<", "<State>Submitted\n<"),
     violation(JOBS + "/State", "file-jobs.jobs-detail.state.values"))
pair("double-blank", "Two blanks for one in user data.", WAITING, response(job(state="Submitted", data="This is  my data.")), violation(JOBS + "/Operation/UserData"))
pair("blank-for-nothing", "A value of blanks is not an empty one.", response(job(state="Submitted", data="")), response(job(state="Submitted", data=" ")),
     violation(JOBS + "/Operation/UserData"))
pair("composed-accent", "An accent as a character of its own gives another key, though it looks the same.", response(job(state="Submitted", object="input/\u00e9.mp4")),
     response(job(state="Submitted", object="input/e\u0301.mp4")), violation(JOBS + "/Input/Object"), source="Unicode Standard Annex 15; keys are compared by bytes")
pair("case-of-a-value", "Values are case sensitive.", DONE, edit(DONE, "<State>Success", "<State>SUCCESS"), violation(JOBS + "/State", "file-jobs.jobs-detail.state.values"),
     violation(HASH, "file-jobs.jobs-detail.file-hash-code-result.only-finished"))
pair("text-beside-nodes", "Text between the nodes of a container.", WAITING, edit(WAITING, "<State>", "stray<State>"), violation(JOBS), source="tools that drop mixed content")
pair("moved-text", "The same text at another place in mixed content.", edit(WAITING, "<JobsDetail>", "<JobsDetail>stray"),
     edit(WAITING, "<State>", "stray<State>"), violation(JOBS), source="tools that drop mixed content")
group("encoding", "documentation: bodies are UTF-8")
pair("utf-16", "The same characters in UTF-16.", WAITING, b"\xff\xfe" + ('<?xml version="1.0" encoding="utf-16"?>' + WAITING).encode("utf-16-le"), violation("/", "xml.well-formed"))
pair("latin-1", "The same characters in ISO 8859-1, and so declared.", response(job(state="Submitted", data="\u00e9")),
     ('<?xml version="1.0" encoding="iso-8859-1"?>' + response(job(state="Submitted", data="\u00e9"))).encode("latin-1"), violation("/", "xml.well-formed"))
pair("broken-utf-8", "A byte that is no UTF-8.", response(job(state="Submitted", data="\u00e9")), response(job(state="Submitted", data="\u00e9")).encode("latin-1"), violation("/", "xml.well-formed"))
pair("chinese", "Chinese in UTF-8 against itself.", response(job(state="Submitted", object="\u6570\u636e.mp4")), response(job(state="Submitted", object="\u6570\u636e.mp4")))
group("unreadable", XML)
pair("cut-short", "The answer ends in the middle.", WAITING, WAITING[:200], violation("/", "xml.well-formed"))
pair("empty", "No document at all.", WAITING, "", violation("/", "xml.well-formed"))
pair("doctype", "An entity in a DOCTYPE that would give the recorded text.", WAITING,
     '<!DOCTYPE Response [<!ENTITY d "This is my data.">]>' + edit(WAITING, "This is my data.", "&d;"), violation("/", "xml.well-formed"), source="the kit reads no DOCTYPE")
pair("nul", "A NUL byte after the document.", WAITING, WAITING + "\x00", violation("/", "xml.well-formed"))
pair("two-roots", "One document after the other.", WAITING, WAITING + WAITING, violation("/", "xml.well-formed"))
pair("json", "JSON with the same content.", WAITING, '{"Response":{"JobsDetail":{"State":"Submitted"}}}', violation("/", "xml.well-formed"))

# --- Order and number ------------------------------------------------------------------------------------------------
group("order", "captures and samples give the children of a node in several orders")
shuffled = edit(edit(WAITING, "<Tag>FileHashCode</Tag>", ""), "<Code>Success</Code>", "<Tag>FileHashCode</Tag><Code>Success</Code>")
pair("children", "Children of a job in another order.", WAITING, shuffled)
pair("nested-children", "Children further in, in another order.", WAITING,
     edit(WAITING, "<Type>MD5</Type><AddToHeader>true</AddToHeader>", "<AddToHeader>true</AddToHeader><Type>MD5</Type>"))
pair("jobs", "Jobs of a query are a multiset: each is found wherever it stands.", response(job(), other(state="Submitted")), response(other(state="Submitted"), job()))
pair("jobs-unlike-in-one-value", "Reversed, and one job echoes other user data: it is told at its place in the answer.",
     response(job(data="one"), other(data="two", object="input/b.mp4")), response(other(data="two!", object="input/b.mp4"), job(data="one")),
     violation(JOBS + "[1]/Operation/UserData"))
pair("unknown-ids", "Ids that do not exist, in another order.", response(gone(GONE, GONE2)), response(gone(GONE2, GONE)), source="documentation, NonExistJobIds")
pair("unknown-ids-before-jobs", "The unknown id stands before the job.", response(job(), gone(GONE)), response(gone(GONE), job()))
pair("compressed-keys", "The keys of a package are a multiset.", compress(["a.txt", "b.txt", "c.txt"]), compress(["c.txt", "a.txt", "b.txt"]))
pair("token-before-jobs", "NextToken before the jobs of a list.", edit(document([(1, "a")]), "</Response>", "<NextToken>19193</NextToken></Response>"),
     edit(document([(1, "a")]), "<Response>", "<Response><NextToken>19193</NextToken>"), operation="doc-jobs.list")
pair("queues", "Queues of a page in another order.", queues("a", "b"), queues("b", "a"), operation="queues.list")
pair("pages-are-a-sequence", "Pages of a document come in order; two that changed places changed their values.",
     document([(1, "big/test-1"), (2, "big/test-2")]), document([(2, "big/test-2"), (1, "big/test-1")]),
     changed(JOBS + "/Operation/DocProcessResult/PageInfo[1]/PageNo"), changed(JOBS + "/Operation/DocProcessResult/PageInfo[1]/TgtUri"),
     changed(JOBS + "/Operation/DocProcessResult/PageInfo[2]/PageNo"), changed(JOBS + "/Operation/DocProcessResult/PageInfo[2]/TgtUri"),
     operation="doc-jobs.query", source=CLASSES)
group("number", "tools that compare the first of several siblings, or sets")
pair("job-missing", "One of two jobs is not there.", response(job(), other()), response(job()), changed(JOBS))
pair("job-more", "One job more than recorded.", response(job()), response(job(), other()), changed(JOBS + "[2]"))
pair("job-twice", "The same job a second time instead of the other one.", response(job(), other(data="two", object="input/b.mp4")), response(job(), job(data="two", object="input/b.mp4")),
     violation(JOBS + "[2]/JobId"), violation(JOBS + "[2]", "file-jobs.query.jobs-detail.distinct"), noise(JOBS + "[2]/CreationTime"), noise(JOBS + "[2]/StartTime"), noise(JOBS + "[2]/EndTime"))
pair("unknown-id-missing", "An id that was asked for and does not exist is to be named.", response(gone(GONE, GONE2)), response(gone(GONE)), violation("/Response/NonExistJobIds"))
pair("unknown-id-another", "Another unknown id is named than was asked for.", response(gone(GONE)), response(gone(GONE2)), violation("/Response/NonExistJobIds"))
pair("multiset-counts", "Two a and one b are not one a and two b.", compress(["a.txt", "a.txt", "b.txt"]), compress(["a.txt", "b.txt", "b.txt"]),
     violation(JOBS + "/Operation/FileCompressConfig/Key[2]"))
pair("key-missing", "A key that the request named is not repeated.", compress(["a.txt", "b.txt"]), compress(["a.txt"]), violation(JOBS + "/Operation/FileCompressConfig/Key"))
pair("state-twice", "A node that stands once, twice.", WAITING, edit(WAITING, "<State>Submitted</State>", "<State>Submitted</State><State>Submitted</State>"),
     violation(JOBS + "/State[2]"))
pair("page-more", "A page more in a result.", document([(1, "a")]), document([(1, "a"), (2, "b")]), changed(JOBS + "/Operation/DocProcessResult/PageInfo[2]"),
     changed(JOBS + "/Operation/DocProcessResult/SuccPageCount"), changed(JOBS + "/Operation/DocProcessResult/TotalPageCount"), operation="doc-jobs.query")
pair("queue-missing", "One queue fewer on the page; TotalCount is free.", queues("a", "b"), queues("a", total="1"), changed("/Response/QueueList"), noise("/Response/TotalCount"), operation="queues.list")

# --- Results ---------------------------------------------------------------------------------------------------------
group("results", "documentation, DescribeMediaJobs: any leaf of MediaInfo may be missing")
pair("leaf-of-media-info-missing", "Any leaf of MediaInfo may be missing.", animation(), animation().replace("<Size>1048576</Size>", ""), noise(JOBS + "/Operation/MediaInfo/Format/Size"), operation="jobs.query")
pair("leaf-of-media-info-added", "And any may be there.", animation().replace("<Size>1048576</Size>", ""), animation(), noise(JOBS + "/Operation/MediaInfo/Format/Size"), operation="jobs.query")
pair("part-of-media-info-missing", "Its parts are no leaves.", animation().replace("<MediaInfo>", "<MediaInfo><Stream/>"), animation().replace("<Format><Duration>0.870000</Duration><FormatName>gif</FormatName><Size>1048576</Size></Format>", "<Stream/>"),
     violation(JOBS + "/Operation/MediaInfo/Format"), operation="jobs.query")

# --- Numbers ---------------------------------------------------------------------------------------------------------
group("numbers", "numbers are compared by value: 0.870000 of a capture is 0.87")
pair("trailing-zeros", "1 and 1.0 are one frame rate.", animation(fps="25"), animation(fps="25.0"), noise(JOBS + "/Operation/Animation/Video/Fps"), operation="jobs.query")
pair("trailing-zeros-of-a-result", "0.870000 and 0.87.", animation(length="0.870000"), animation(length="0.87"), noise(JOBS + "/Operation/MediaInfo/Format/Duration"), operation="jobs.query")
pair("another-number", "25 and 24.", animation(fps="25"), animation(fps="24"), violation(JOBS + "/Operation/Animation/Video/Fps"), operation="jobs.query")
pair("another-duration", "10 and 100: zeros before the point count.", animation(duration="10"), animation(duration="100"), violation(JOBS + "/Operation/Animation/TimeInterval/Duration"), operation="jobs.query")
pair("sizes-beyond-2-to-the-53", "Two sizes that are one as doubles.", DONE.replace("1048576", "9007199254740993"), DONE.replace("1048576", "9007199254740992"),
     changed(HASH + "/FileSize"), source="tools that read numbers as doubles")
pair("a-size-of-64-bits", "The largest signed 64-bit size against itself.", DONE.replace("1048576", "9223372036854775807"), DONE.replace("1048576", "9223372036854775807"))
pair("close-fractions", "Two numbers that differ in the seventeenth digit.", animation(length="0.30000000000000004"), animation(length="0.3"),
     changed(JOBS + "/Operation/MediaInfo/Format/Duration"), operation="jobs.query", source="tools that read numbers as doubles")
pair("a-word-for-a-number", "A size that is no number.", DONE, DONE.replace("1048576", "1 MB"), violation(HASH + "/FileSize"))
pair("digits-that-are-text", "A key made of digits is text: 1 and 1.0 are two objects.", response(job(state="Submitted", object="1")), response(job(state="Submitted", object="1.0")),
     violation(JOBS + "/Input/Object"), source="tools that compare all digits as numbers")
pair("user-data-that-looks-like-a-number", "User data comes back as it was sent: 007 is not 7.", response(job(state="Submitted", data="007")), response(job(state="Submitted", data="7")),
     violation(JOBS + "/Operation/UserData"), source="tools that compare all digits as numbers")
pair("capital-hex-digits", "A digest in capitals is another text, and its form is lower-case hex.", DONE, edit(DONE, "3355b4c1078429b94a083459e194f5ec", "3355B4C1078429B94A083459E194F5EC"),
     violation(HASH + "/MD5"), source=CAPTURE)

# --- Times -----------------------------------------------------------------------------------------------------------
group("times", "documentation: a time that is not set is - ; erratum E54 adds empty and absent")
END, START = JOBS + "/EndTime", JOBS + "/StartTime"
for name, text in (("empty", "<EndTime></EndTime>"), ("absent", "")):
    pair(f"dash-and-{name}", f"An unset time recorded as - is {name}.", WAITING, edit(WAITING, "<EndTime>-</EndTime>", text), noise(END))
    pair(f"{name}-and-dash", f"An unset time recorded as {name} is -.", edit(WAITING, "<EndTime>-</EndTime>", text), WAITING, noise(END))
pair("empty-and-absent", "An empty time is not there at all.", edit(WAITING, "<StartTime>-<", "<StartTime><"), edit(WAITING, "<StartTime>-</StartTime>", ""), noise(START))
pair("another-day", "The same job on another day.", DONE, response(other()), noise(JOBS + "/JobId"), noise(JOBS + "/CreationTime"), noise(START), noise(END))
pair("set-too-early", "A job that waits has no end.", WAITING, edit(WAITING, "<EndTime>-<", "<EndTime>2022-07-18T15:16:44+0800<"),
     changed(END), violation(JOBS, "file-jobs.jobs-detail.end-time.unset-before-end"))
pair("unset-though-done", "A finished job has an end; the recording shows it.", DONE, edit(DONE, "<EndTime>2022-07-18T15:16:49+0800<", "<EndTime>-<"), changed(END))
pair("absent-though-done", "The end of a finished job is not there.", DONE, edit(DONE, "<EndTime>2022-07-18T15:16:49+0800</EndTime>", ""), changed(END))
pair("another-form", "Another time is noise, another form is not.", DONE, edit(DONE, "<EndTime>2022-07-18T15:16:49+0800<", "<EndTime>2022/07/18 15:16:49<"), violation(END))
pair("utc-with-z", "Z for an offset: the moment is the same, the form is not documented.", DONE, edit(DONE, "2022-06-30T15:29:42+0800", "2022-06-30T07:29:42Z"),
     violation(HASH + "/LastModified"))
pair("another-offset", "The same moment, told from another place.", DONE, edit(DONE, "2022-06-30T15:29:42+0800", "2022-06-30T07:29:42+0000"), noise(HASH + "/LastModified"))
pair("another-offset-across-midnight", "The same moment on another date.", edit(DONE, "2022-06-30T15:29:42+0800", "2023-01-01T00:30:00+0800"),
     edit(DONE, "2022-06-30T15:29:42+0800", "2022-12-31T11:00:00-0530"), noise(HASH + "/LastModified"))
pair("same-digits-another-offset", "The same digits with another offset are another moment.", DONE, edit(DONE, "2022-06-30T15:29:42+0800", "2022-06-30T15:29:42+0000"), changed(HASH + "/LastModified"))
pair("end-before-start", "Times may differ, but none ends before it starts.", DONE, edit(DONE, "<EndTime>2022-07-18T15:16:49+0800<", "<EndTime>2022-07-18T15:16:43+0800<"),
     noise(END), violation(JOBS, "file-jobs.jobs-detail.end-time.not-before-start"))
pair("creation-missing", "CreationTime is required.", WAITING, edit(WAITING, f"<CreationTime>{BORN}</CreationTime>", ""), violation(JOBS + "/CreationTime", "file-jobs.jobs-detail.creation-time.required"))

# --- States ----------------------------------------------------------------------------------------------------------
group("states", STATES)
STATE = JOBS + "/State"
pair("submitted-to-running", "A later state; the job has started meanwhile.", WAITING, RUNNING, noise(STATE), noise(START))
pair("submitted-to-success", "Done meanwhile, with its result.", WAITING, DONE, noise(STATE), noise(START), noise(END), noise(HASH))
pair("submitted-to-failed", "Failed meanwhile; Code and Message go with the state.", WAITING, BROKEN, noise(STATE), noise(START), noise(END), noise(JOBS + "/Code"), noise(JOBS + "/Message"))
pair("submitted-to-pause", "The queue was paused.", WAITING, PAUSED, noise(STATE))
pair("pause-to-submitted", "The queue was started again.", PAUSED, WAITING, noise(STATE))
pair("submitted-to-cancel", "A waiting job was cancelled.", WAITING, CANCELLED, noise(STATE), noise(END))
pair("pause-to-cancel", "A paused job was cancelled.", PAUSED, CANCELLED, noise(STATE), noise(END))
pair("running-to-success", "A running job is done.", RUNNING, DONE, noise(STATE), noise(END), noise(HASH))
pair("running-to-failed", "A running job has failed.", RUNNING, BROKEN, noise(STATE), noise(END), noise(JOBS + "/Code"), noise(JOBS + "/Message"))
pair("running-to-submitted", "A job that ran does not wait again.", RUNNING, WAITING, violation(STATE, "file-jobs.jobs-detail.state"), noise(START))
pair("running-to-cancel", "Only jobs that wait can be cancelled.", RUNNING, response(job(state="Cancel")), violation(STATE, "file-jobs.jobs-detail.state"), noise(END))
pair("running-to-pause", "Pausing a queue leaves running jobs alone.", RUNNING, PAUSED, violation(STATE, "file-jobs.jobs-detail.state"), noise(START))
pair("success-to-failed", "An end is an end.", DONE, BROKEN, violation(STATE, "file-jobs.jobs-detail.state"), noise(JOBS + "/Code"), noise(JOBS + "/Message"), noise(HASH))
pair("failed-to-success", "An end is an end.", BROKEN, DONE, violation(STATE, "file-jobs.jobs-detail.state"), noise(JOBS + "/Code"), noise(JOBS + "/Message"), noise(HASH))
pair("success-to-running", "A finished job does not run.", DONE, RUNNING, violation(STATE, "file-jobs.jobs-detail.state"), noise(END), noise(HASH))
pair("cancel-to-running", "A cancelled job does not run.", CANCELLED, RUNNING, violation(STATE, "file-jobs.jobs-detail.state"), noise(START), noise(END))
pair("unknown-state", "A word that is none of the states.", WAITING, edit(WAITING, "<State>Submitted", "<State>Queued"), violation(STATE, "file-jobs.jobs-detail.state.values"))
pair("state-missing", "State is required.", WAITING, edit(WAITING, "<State>Submitted</State>", ""), violation(STATE, "file-jobs.jobs-detail.state.required"))
pair("result-while-running", "A result only when the job is done.", RUNNING, response(job(state="Running", result="<FileHashCodeResult><MD5>3355b4c1078429b94a083459e194f5ec</MD5><FileSize>1</FileSize></FileHashCodeResult>")),
     violation(HASH, "file-jobs.jobs-detail.file-hash-code-result.only-finished"))
pair("result-missing", "A job that is done has its result.", DONE, response(job(result="")), violation(HASH))
pair("another-code-of-failure", "Failed both times, for another cause.", BROKEN, response(failed(code="ResourceAccessDenied", message="No access.")), changed(JOBS + "/Code"), noise(JOBS + "/Message"))
pair("failed-with-success-code", "A failed job does not say Success.", BROKEN, response(failed(code="Success")), changed(JOBS + "/Code"), violation(JOBS, "file-jobs.jobs-detail.code.error-when-failed"))
pair("progress-of-a-running-job", "Another look, another progress.", response(job(state="Running", tail="<Progress>30</Progress>")), response(job(state="Running", tail="<Progress>60</Progress>")), noise(JOBS + "/Progress"))
pair("progress-of-a-finished-job", "A finished job is at 100.", response(job(tail="<Progress>100</Progress>")), response(job(tail="<Progress>90</Progress>")),
     changed(JOBS + "/Progress"), violation(JOBS, "file-jobs.jobs-detail.progress.against-state"))
pair("back-in-time", "The target said Success before and says Running now, whatever was recorded.", RUNNING, RUNNING, violation(STATE), earlier=[(RUNNING, DONE)])
pair("forward-in-time", "The target said Running before and says Success now.", RUNNING, DONE, noise(STATE), noise(END), noise(HASH), earlier=[(RUNNING, RUNNING)])

# --- Results ---------------------------------------------------------------------------------------------------------
group("results", CLASSES)
pair("another-digest", "Another digest: the target's object is another, or its sum is wrong.", DONE, response(job(digest="00000000000000000000000000000000")), changed(HASH + "/MD5"))
pair("etag-without-quotes", "An Etag with or without its quotes is one.", DONE, DONE.replace('"', ""), noise(HASH + "/Etag"), source="erratum E12")
pair("another-etag", "Another Etag.", DONE, DONE.replace("ee8de918", "00000000"), changed(HASH + "/Etag"))
pair("etag-missing", "An optional node of a result that the recording has.", DONE, edit(DONE, '<Etag>"ee8de918d05640145b18f70f4c3aa602"</Etag>', ""), changed(HASH + "/Etag"))
pair("size-missing", "FileSize is required in a result.", DONE, edit(DONE, "<FileSize>1048576</FileSize>", ""), violation(HASH + "/FileSize"))
pair("digest-of-another-algorithm", "A SHA1 where MD5 was asked for.", DONE, edit(DONE, "<MD5>3355b4c1078429b94a083459e194f5ec</MD5>", "<SHA1>" + "0" * 40 + "</SHA1>"),
     violation(HASH, "file-jobs.jobs-detail.file-hash-code-result.requested-digest"), changed(HASH + "/MD5"), noise(HASH + "/SHA1"))
pair("error-files", "The files that could not be packed are a multiset.", compress(["a", "b"], ["a", "b"]), compress(["a", "b"], ["b", "a"]))
pair("another-error-file", "Another file could not be packed.", compress(["a", "b"], ["a"]), compress(["a", "b"], ["b"]), changed(JOBS + "/Operation/FileCompressResult/ErrorDetail/ErrorFile"))

# --- Identifiers, echoes ---------------------------------------------------------------------------------------------
group("identifiers", CLASSES)
renamed = response(other(state="Submitted"))
pair("another-job-id", "The target's own identifier, and its own time.", WAITING, renamed, noise(JOBS + "/JobId"), noise(JOBS + "/CreationTime"))
pair("the-same-in-two-steps", "The identifier that was bound before.", DONE, response(other()), noise(JOBS + "/JobId"), noise(JOBS + "/CreationTime"), noise(START), noise(END), earlier=[(WAITING, renamed)])
pair("another-in-the-next-step", "The job was submitted under one identifier and answers under another.", DONE, DONE, violation(JOBS + "/JobId", "file-jobs.jobs-detail.job-id"), earlier=[(WAITING, renamed)])
pair("one-for-two-jobs", "Two recorded jobs, and one identifier for both.", response(job(id=JOB2, born=BORN2, state="Submitted")), response(job(id=JOB2, born=BORN2, state="Submitted")),
     violation(JOBS + "/JobId"), earlier=[(WAITING, renamed)])
pair("not-of-the-form", "An identifier of another form.", WAITING, response(job(id="f1234", state="Submitted")), violation(JOBS + "/JobId"))
pair("another-queue", "Another queue than the recorded one, bound for what follows.", WAITING, response(job(state="Submitted", queue=QUEUE2)), noise(JOBS + "/QueueId"))
pair("another-request-id", "Every answer has its own.", queues("a"), queues("a", request=REQUEST_ID2), noise("/Response/RequestId"), operation="queues.list")
pair("an-unknown-id-that-is-bound", "The unknown id stands in the target's own form.", response(gone(JOB)), response(gone(JOB2)), noise("/Response/NonExistJobIds"), earlier=[(WAITING, renamed)])
group("echoes", CLASSES, operation="file-jobs.submit")
pair("as-recorded", "Without the request, the recording is what it said.", WAITING, response(job(state="Submitted", data="other")), violation(JOBS + "/Operation/UserData"))
pair("as-sent", "The request said other user data than the recorded one, and so does the answer.", WAITING, response(job(state="Submitted", data="other")), noise(JOBS + "/Operation/UserData"), request=submit(data="other"))
pair("as-recorded-but-not-as-sent", "The answer repeats the recording, and the request said something else.", WAITING, WAITING, violation(JOBS + "/Operation/UserData"), request=submit(data="other"))
pair("missing-though-sent", "A value that was sent does not come back.", WAITING, edit(WAITING, "<UserData>This is my data.</UserData>", ""), violation(JOBS + "/Operation/UserData"), request=submit())
pair("missing-and-not-sent", "An empty value that was never sent is left out.", response(job(state="Submitted", data="")), edit(response(job(state="Submitted", data="")), "<UserData></UserData>", ""),
     noise(JOBS + "/Operation/UserData"), request=edit(submit(), "<UserData>This is my data.</UserData>", ""))
pair("another-algorithm", "Type is not what was asked for.", WAITING, response(job(state="Submitted", type="SHA1")), violation(CONFIG + "/Type"), request=submit())
pair("two-operations", "Each job repeats its own operation.", media_jobs("a.gif", "b.gif"), media_jobs("c.gif", "d.gif"),
     noise(JOBS + "[1]/Operation/Output/Object"), noise(JOBS + "[2]/Operation/Output/Object"),
     request=f"<Request><Tag>Animation</Tag><Input><Object>input/demo.mp4</Object></Input>{media_operation('c.gif')}{media_operation('d.gif')}</Request>", operation="jobs.submit")
group("constants", CLASSES)
pair("another-tag", "Tag tells the kind of job.", WAITING, edit(WAITING, "<Tag>FileHashCode</Tag>", "<Tag>Nothing</Tag>"), violation(JOBS + "/Tag"))
pair("tag-missing", "Tag is required.", WAITING, edit(WAITING, "<Tag>FileHashCode</Tag>", ""), violation(JOBS + "/Tag", "file-jobs.jobs-detail.tag.required"))
pair("message-another", "Free text.", WAITING, response(job(state="Submitted", message="success")), noise(JOBS + "/Message"), source="captures say nothing, done, success, Success or SUCCESS")
pair("input-missing", "A container with what the request said.", WAITING, edit(WAITING, "<Input><BucketId>test-1234567890</BucketId><Object>input/demo.mp4</Object><Region>ap-chongqing</Region></Input>", ""),
     violation(JOBS + "/Input"), violation(JOBS, "file-jobs.jobs-detail.input.required"))

# --- New nodes -------------------------------------------------------------------------------------------------------
group("new-nodes", "services grow: a node that is not documented is allowed and told")
pair("text", "A new node with text.", WAITING, response(job(state="Submitted", tail="<Remark>hello</Remark>")), gap(JOBS + "/Remark", "Text"))
pair("number", "A new node with a number.", WAITING, response(job(state="Submitted", tail="<Retries>3</Retries>")), gap(JOBS + "/Retries", "Count"))
pair("time", "A new node with a time.", WAITING, response(job(state="Submitted", tail="<QueuedTime>2022-07-18T15:16:43+0800</QueuedTime>")), gap(JOBS + "/QueuedTime", "JobTime"))
pair("container", "A new container; it is told once, with what it holds.", WAITING, response(job(state="Submitted", tail="<Cost><Amount>3</Amount><Unit>min</Unit></Cost>")), gap(JOBS + "/Cost", "Count"))
pair("in-both", "A new node that the recording has too: the schema still lacks it.", response(job(state="Submitted", tail="<Remark>hello</Remark>")), response(job(state="Submitted", tail="<Remark>hello</Remark>")), gap(JOBS + "/Remark", "Text"))
pair("in-the-recording-only", "A node that is not documented is gone.", response(job(state="Submitted", tail="<Remark>hello</Remark>")), WAITING, changed(JOBS + "/Remark"))
pair("documented", "A documented node that the recording lacks.", edit(WAITING, "<UserData>This is my data.</UserData>", ""), WAITING, noise(JOBS + "/Operation/UserData"))
pair("of-a-later-edition", "A node that a later edition documents.", WAITING, response(job(state="Submitted", tail="<QueueType>FileProcess</QueueType>")), noise(JOBS + "/QueueType"))
pair("misspelt", "State under another name: one is missing, one is new.", WAITING, edit(WAITING, "<State>Submitted</State>", "<Status>Submitted</Status>"),
     violation(STATE, "file-jobs.jobs-detail.state.required"), gap(JOBS + "/Status", "Text"))
pair("beside-a-violation", "What is new hides nothing of what is wrong.", WAITING, edit(response(job(state="Submitted", tail="<Remark>hello</Remark>")), "<State>Submitted", "<State>Queued"),
     gap(JOBS + "/Remark"), violation(STATE, "file-jobs.jobs-detail.state.values"))

# --- Errors ----------------------------------------------------------------------------------------------------------
group("errors", ERRORS, part="error")
pair("another-request", "Another request and trace.", error(), error(request=REQUEST_ID2, trace=REQUEST_ID2), noise("/Error/RequestId"), noise("/Error/TraceId"))
pair("another-message", "Free text.", error(), error(message="It is not there."), noise("/Error/Message"))
pair("with-resource", "COS adds Resource; CI does not.", error(), error(resource="/input/demo.mp4"), noise("/Error/Resource"), source="erratum E45")
pair("without-resource", "Resource is left out.", error(resource="/input/demo.mp4"), error(), noise("/Error/Resource"), source="erratum E45")
pair("without-trace", "TraceId is left out, which the error pages list.", error(), error(trace=None), noise("/Error/TraceId"), violation("/Error", "error.trace-id.required"))
pair("another-code", "Another code.", error(), error(code="InternalError"), changed("/Error/Code"))
pair("without-code", "Code is required.", error(), error(code=None), violation("/Error/Code", "error.code.required"))
pair("new-node", "A node that no error page has.", error(), edit(error(), "</Error>", "<Advice>x</Advice></Error>"), gap("/Error/Advice", "Text"))

# --- Messages --------------------------------------------------------------------------------------------------------
group("messages", HEADERS)
body = response(gone(GONE))
ok = message(body)
pair("same", "A message against itself.", ok, ok)
pair("another-date", "Every answer has its own date.", ok, message(body, Date="Fri, 01 Jul 2022 07:51:27 GMT"), noise("headers/date"))
pair("another-request-id", "And its own identifier.", ok, message(body, x_ci_request_id=REQUEST_ID2), noise("headers/x-ci-request-id"))
pair("case-of-names", "Names of header fields have no case.", ok, edit(ok, "Content-Type:", "content-type:"), source="RFC 9110")
pair("order-of-fields", "Header fields of different names in another order.", ok,
     edit(edit(ok, "Server: tencent-ci\n", ""), "Date:", "Server: tencent-ci\nDate:"), source="RFC 9110")
pair("line-ends", "CR LF in the head.", ok, ok.split("\n\n")[0].replace("\n", "\r\n") + "\r\n\r\n" + body)
pair("without-server", "Server is not required.", ok, message(body, drop=["Server"]), noise("headers/server"))
pair("connection-close", "Both values are documented.", ok, message(body, Connection="close"), noise("headers/connection"))
pair("extra-field", "A proxy adds a field.", ok, message(body, Via="1.1 proxy"), noise("headers/via"))
pair("without-content-type", "Content-Type is required.", ok, message(body, drop=["Content-Type"]), violation("headers/content-type", "response-headers.content-type.values"))
pair("html", "XML that is called HTML.", ok, message(body, Content_Type="text/html"), violation("headers/content-type", "response-headers.content-type.values"))
pair("without-request-id", "x-ci-request-id is required.", ok, message(body, drop=["x-ci-request-id"]), violation("headers/x-ci-request-id", "response-headers.x-ci-request-id.required"))
pair("wrong-length", "Content-Length is not the number of bytes.", ok, message(body, Content_Length="166"), violation("headers/content-length", "response-headers.content-length.true"),
     source="erratum E19: samples with a wrong Content-Length")
pair("date-of-another-form", "A date that is none of RFC 1123.", ok, message(body, Date="2022-06-30 07:51:27"), violation("headers/date", "response-headers.date.form"))
pair("trace-of-a-success", "x-ci-trace-id belongs to answers that failed.", ok, message(body, x_ci_trace_id=REQUEST_ID), violation("headers/x-ci-trace-id", "response-headers.x-ci-trace-id.only-when-failed"))
pair("another-status", "404 for 200: the documents are not compared, the error is judged.", ok, message(error(), status="404 Not Found"), changed("status"), noise("headers/content-length"))
pair("error-of-a-success-status", "200 with an error document.", ok, message(error()), changed("/Error"), noise("headers/content-length"))
pair("without-body", "The body is gone.", ok, message(""), violation("body"), noise("headers/content-length"))
pair("value-and-date", "A date that may differ hides no value that may not.", ok, message(response(gone(GONE2)), Date="Fri, 01 Jul 2022 07:51:27 GMT"), violation("/Response/NonExistJobIds"), noise("headers/date"))
pair("cancelled-with-body", "A cancellation is answered without a body.", message("", drop=["Content-Type"]), message(body), violation("body"), noise("headers/content-length"), noise("headers/content-type"), operation="batch-jobs.cancel")

def line_of(document, tag):
    """The number of the line that a tag starts, from 1."""
    return next(number for number, line in enumerate(document.split("\n"), 1) if line.startswith(tag))


# --- Places ----------------------------------------------------------------------------------------------------------
group("places", "line and column are counted from 1, columns in characters")
lines = WAITING.replace("><", ">\n<").replace("<Message>\n</Message>", "<Message></Message>")
pair("of-a-value", "Where the value stands in either document.", lines.replace("\n<Tag>", "\n   <Tag>"), WAITING.replace("This is my data.", "Mine."),
     violation(JOBS + "/Operation/UserData", recordedPlace=[line_of(lines.replace("\n<Tag>", "\n   <Tag>"), "<UserData>"), 1], actualPlace=[1, WAITING.index("<UserData>") + 1]))
pair("after-wide-characters", "Characters, not bytes.", response(job(state="Submitted", message="\u6570\u636e")), response(job(state="Submitted", message="\u6570\u636e", data="Mine.")),
     violation(JOBS + "/Operation/UserData", recordedPlace=[1, response(job(state="Submitted", message="\u6570\u636e")).index("<UserData>") + 1]))
pair("in-a-message", "Lines of a message count from its first.", ok, message(response(gone(GONE2))), violation("/Response/NonExistJobIds", recordedPlace=[9, 11], actualPlace=[9, 11]))
pair("of-a-lost-node", "A lost node is where it was, and where it should be.", lines, lines.replace("\n<UserData>This is my data.</UserData>", ""),
     violation(JOBS + "/Operation/UserData", recordedPlace=[line_of(lines, "<UserData>"), 1], actualPlace=[line_of(lines, "<Operation>"), 1]))


def text():
    head = {"format": 1, "title": "Pairs of answers, and what a comparison of them has to say", "schema": "comparison.schema.json"}
    ids = [vector["id"] for vector in VECTORS]
    assert len(ids) == len(set(ids)), "an id is used twice"
    return json.dumps({**head, "vectors": VECTORS}, ensure_ascii=False, indent=1) + "\n"


def main():
    written = text()
    if "--check" in sys.argv[1:]:
        with open(TARGET, encoding="utf-8") as file:
            if file.read() != written:
                sys.exit("Vectors/comparison/pairs.json is not what tools/comparison.py writes")
        print(f"{len(VECTORS)} pairs are as they should be")
        return
    with open(TARGET, "w", encoding="utf-8") as file:
        file.write(written)
    print(f"{len(VECTORS)} pairs written")


if __name__ == "__main__":
    main()
