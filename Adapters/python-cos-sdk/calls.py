"""`call` of the adapter protocol on the published Python SDK: operations and arguments as its methods take them.

Nothing of the SDK is changed but its clock and the waiting between two tries; the connection alone is led to the
address that stands for the service. An argument that no parameter of the method takes makes the case `skipped`.
"""

import copy
import types
from urllib.parse import urlsplit, urlunsplit

import requests
from qcloud_cos import CosConfig, CosS3Client, cos_auth, cos_client
from qcloud_cos.cos_exception import CosClientError, CosServiceError

CALLBACKS = ["QueueId", "CallBack", "CallBackFormat", "CallBackType", "CallBackMqConfig"]
DOC_PROCESS = ["SrcType", "TgtType", "StartPage", "EndPage", "SheetId", "PaperDirection", "PaperSize", "DocPassword",
               "Comments", "PageRanges", "ImageParams", "Quality", "Zoom", "ImageDpi", "PicPagination"]
LIST = {"queueId": "QueueId", "tag": "Tag", "startCreationTime": "StartCreationTime",
        "endCreationTime": "EndCreationTime", "orderByTime": "OrderByTime", "states": "States", "size": "Size",
        "nextToken": "NextToken"}
DOC_LIST = {name: parameter for name, parameter in LIST.items() if name != "tag"}
BATCH_LIST = {"type": "Type", "workflowId": "WorkflowId", "jobId": "JobId", "name": "Name",
              **{name: parameter for name, parameter in DOC_LIST.items() if name != "queueId"}}
QUEUES = {"state": "State", "queueIds": "QueueIds", "pageNumber": "PageNumber", "pageSize": "PageSize"}


class Inexpressible(Exception):
    """An input that the SDK's interface cannot carry."""


class Led(requests.adapters.HTTPAdapter):
    """Connects to another address than the URL's; the request stays as it is."""

    def __init__(self, address):
        super().__init__()
        self.address = address

    def send(self, request, **options):
        url = urlsplit(request.url)
        request.headers["Host"] = url.netloc
        request.url = urlunsplit(url._replace(netloc=self.address))
        return super().send(request, **options)


def call(message):
    method = OPERATIONS.get(message["operation"])
    if method is None:
        return {"skipped": f"no method for {message['operation']}"}
    client = prepared(message)
    given = copy.deepcopy(message["arguments"])
    try:
        name, parameters = method(given["path"], given["query"], given.get("body"))
    except Inexpressible as reason:
        return {"skipped": str(reason)}
    try:
        return {"result": shown(getattr(client, name)(Bucket=message["endpoint"]["bucket"], **parameters))}
    except CosServiceError as refusal:
        return {"failure": {"kind": "service", "name": type(refusal).__name__, **told(refusal)}}
    except Exception as fault:  # what the SDK lets through reaches its user just so
        return {"failure": {"kind": "client", "name": type(fault).__name__, "message": str(fault)[:1000]}}


def prepared(message):
    """The SDK's client, with the clock set and no waiting between two tries."""
    clock = types.SimpleNamespace(time=lambda: message["now"], sleep=lambda seconds: None)
    cos_auth.time = cos_client.time = clock
    endpoint, credentials = message["endpoint"], message["credentials"]
    session = requests.Session()
    session.mount("http://", Led(endpoint["connect"]))
    return CosS3Client(CosConfig(
        Region=endpoint["region"], SecretId=credentials["secret_id"], SecretKey=credentials["secret_key"],
        Token=credentials.get("token"), Scheme=endpoint["scheme"], Timeout=5), session=session)


def shown(result):
    """A result as JSON; one method gives the answer of the HTTP library itself."""
    return result.text if isinstance(result, requests.Response) else result


def told(refusal):
    """What an exception tells through its own methods."""
    getters = {"code": refusal.get_error_code, "message": refusal.get_error_msg, "request_id": refusal.get_request_id,
               "trace_id": refusal.get_trace_id}
    values = {"status": refusal.get_status_code()}
    for name, getter in getters.items():
        try:
            values[name] = str(getter())
        except KeyError:  # the error had no body
            pass
    return values


# Arguments

def taken(nodes, *path):
    """A node taken out of a tree, and the containers that become empty with it; None when it is not there."""
    if path[0] not in nodes:
        return None
    if len(path) == 1:
        return nodes.pop(path[0])
    value = taken(nodes[path[0]], *path[1:]) if isinstance(nodes[path[0]], dict) else None
    if nodes[path[0]] == {}:
        del nodes[path[0]]
    return value


def needed(nodes, *path):
    value = taken(nodes, *path)
    if value is None:
        raise Inexpressible(f"the method needs {'/'.join(path)}")
    return value


def exhausted(nodes, parameters):
    """The parameters that were given, when nothing of the arguments is left over."""
    left = [f"{name}/{next(iter(value))}" if isinstance(value, dict) and value else name
            for name, value in nodes.items()]
    if left:
        raise Inexpressible(f"the method has no parameter for {', '.join(sorted(left))}")
    return {name: value for name, value in parameters.items() if value is not None}


def of_query(query, names):
    """The parameters for those of a query."""
    unknown = [name for name, _ in query if name not in names]
    if unknown:
        raise Inexpressible(f"the method has no parameter for {', '.join(unknown)}")
    return {names[name]: value for name, value in query}


def file_job(path, query, body):
    tag = needed(body, "Tag")
    config = f"{tag}Config"
    common = {name: taken(body, name) for name in CALLBACKS}
    common["UserData"] = taken(body, "Operation", "UserData")
    common[config] = needed(body, "Operation", config)
    if tag != "FileCompress":
        common["InputObject"] = needed(body, "Input", "Object")
    if tag != "FileHashCode":
        common["OutputBucket"] = needed(body, "Operation", "Output", "Bucket")
        common["OutputRegion"] = needed(body, "Operation", "Output", "Region")
    if tag == "FileCompress":
        common["OutputObject"] = needed(body, "Operation", "Output", "Object")
    names = {"FileHashCode": "hash", "FileUncompress": "uncompress", "FileCompress": "compress"}
    return f"ci_create_file_{names[tag]}_job", exhausted(body, common)


def doc_job(path, query, body):
    if needed(body, "Tag") != "DocProcess":
        raise Inexpressible("the method is for DocProcess alone")
    parameters = {"InputObject": needed(body, "Input", "Object"), "QueueId": taken(body, "QueueId")}
    for name in ("Bucket", "Region", "Object"):
        parameters["Output" + name] = needed(body, "Operation", "Output", name)
    for name in DOC_PROCESS:
        parameters[name] = taken(body, "Operation", "DocProcess", name)
    return "ci_create_doc_job", exhausted(body, parameters)


def file_hash(path, query, body):
    given = dict(query)
    flag = {"AddToHeader": given.pop("addtoheader") == "true"} if "addtoheader" in given else {}
    return "file_hash", {"Key": path["Object"], "Type": given["type"], **flag}


OPERATIONS = {
    "file-jobs.submit": file_job,
    "file-jobs.query": lambda path, query, body: ("ci_get_file_process_jobs", {"JobIDs": path["jobId"]}),
    "jobs.submit": lambda path, query, body: ("ci_create_media_jobs", {"Jobs": body}),
    "jobs.query": lambda path, query, body: ("ci_get_media_jobs", {"JobIDs": path["jobId"]}),
    "jobs.list": lambda path, query, body: ("ci_list_media_jobs", of_query(query, LIST)),
    "jobs.cancel": lambda path, query, body: ("ci_cancel_jobs", {"JobID": path["jobId"]}),
    "batch-jobs.submit": lambda path, query, body: ("ci_create_inventory_trigger_jobs", {"JobBody": body}),
    "batch-jobs.query": lambda path, query, body: ("ci_get_inventory_trigger_jobs", {"JobID": path["jobId"]}),
    "batch-jobs.list": lambda path, query, body: ("ci_list_inventory_trigger_jobs", of_query(query, BATCH_LIST)),
    "batch-jobs.cancel": lambda path, query, body: ("ci_delete_inventory_trigger_jobs", {"JobId": path["jobId"]}),
    "doc-jobs.submit": doc_job,
    "doc-jobs.query": lambda path, query, body: ("ci_get_doc_job", {"JobID": path["jobId"]}),
    "doc-jobs.list": lambda path, query, body: (
        "ci_list_doc_jobs", of_query([pair for pair in query if pair != ["tag", "DocProcess"]], DOC_LIST)),
    "queues.list": lambda path, query, body: ("ci_get_media_queue", of_query(query, QUEUES)),
    "queues.update": lambda path, query, body: (
        "ci_update_media_queue", {"QueueId": path["queueId"], "Request": body}),
    "templates.create": lambda path, query, body: ("ci_create_template", {"Template": body}),
    "templates.update": lambda path, query, body: (
        "ci_update_template", {"TemplateId": path["templateId"], "Template": body}),
    "workflows.trigger": lambda path, query, body: (
        "ci_trigger_workflow", of_query(query, {"workflowId": "WorkflowId", "object": "Key"})),
    "objects.file-hash": file_hash,
}
