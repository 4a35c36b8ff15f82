"""The operations: a path and a method, what their requests must have, and what is answered."""

import re
from datetime import datetime

import callbacks
import jobs
from documents import answer, element, request_tree, text_at
from refusal import Refusal

IDS_MAX = 10
OPERATIONS_MAX = 6
LIST_SIZE_MAX = 100
STATES = ("Submitted", "Running", "Success", "Failed", "Pause", "Cancel")
FILE_TAGS = ("FileHashCode", "FileUncompress", "FileCompress")
MEDIA_TAGS = (
    "Animation", "SmartCover", "Transcode", "Snapshot", "SpeechRecognition", "Concat", "VoiceSeparate",
    "VideoMontage", "SDRtoHDR", "VideoProcess", "SuperResolution", "Segment", "VideoTag", "PicProcess",
    "DigitalWatermark", "ExtractDigitalWatermark", "MediaInfo", "StreamExtract", "Tts", "NoiseReduction",
    "QualityEstimate", "ImageInspect",
)
# Where the pages list no Output among the required nodes of a batch job.
WITHOUT_OUTPUT = ("VideoTag", "ExtractDigitalWatermark", "MediaInfo", "QualityEstimate", "ImageInspect")


def perform(store, bucket, region, method, path, parameters, body, request_id, now):
    """(status, body) of a signed request; `parameters` maps decoded names to decoded values."""
    family, _, ids = path.lstrip("/").partition("/")
    if family not in ("file_jobs", "jobs", "inventorytriggerjob") or "/" in ids:
        raise Refusal("InvalidUrl", "The path is not that of an operation.")
    call = Call(store, bucket, region, parameters, request_id, now)
    is_batch = family == "inventorytriggerjob"
    # Both paths of single jobs serve both kinds: the newer pages submit hash jobs at /jobs.
    kinds = ("batch",) if is_batch else ("file", "media")
    if method == "POST" and not ids:
        if not body:
            raise Refusal("MissingContent", "The request has no body.")
        root = request_tree(body)
        return 200, call.submit_batch(root) if is_batch else call.submit(root, family)
    if method == "GET" and ids:
        return 200, call.query(ids.split(","), kinds)
    if method == "GET" and family != "file_jobs":
        return 200, call.list(kinds, needs_queue=not is_batch)
    if method == "PUT" and ids and "cancel" in parameters and family != "file_jobs":
        return 200, call.cancel(ids, kinds)
    raise Refusal("InvalidUrl", "The path has no operation of this method.")


class Call:
    def __init__(self, store, bucket, region, parameters, request_id, now):
        self.store, self.bucket, self.region = store, bucket, region
        self.parameters, self.request_id, self.now = parameters, request_id, now

    # Submitting

    def submit(self, root, family):
        operations = root.findall("Operation")
        if not operations:
            raise invalid("Operation is missing.")
        if len(operations) > OPERATIONS_MAX:
            raise invalid(f"There are more than {OPERATIONS_MAX} Operation nodes.")
        prepared = [self.prepared(root, operation, family) for operation in operations]
        submitted = [self.store.submit(*arguments) for arguments in prepared]
        for job in submitted:
            callbacks.schedule(root, job, self.now)
        return answer("Response", {"JobsDetail": [job.node(self.now) for job in submitted]})

    def prepared(self, root, operation, family):
        """What the store keeps of one Operation; nothing is kept before all of them are found right."""
        tag = text_at(operation, "Tag") or text_at(root, "Tag")
        allowed = FILE_TAGS if family == "file_jobs" else FILE_TAGS + MEDIA_TAGS
        if tag not in allowed:
            raise invalid("Tag is missing or not known.")
        if tag not in ("FileHashCode", "Animation"):
            raise Refusal("NotImplemented", f"This server performs no {tag} jobs.")
        key = text_at(root, "Input/Object")
        if not key:
            raise invalid("Input/Object is missing.")
        check_common(operation)
        check_callback(root)
        kind = "file" if tag == "FileHashCode" else "media"
        (check_hash if kind == "file" else check_animation)(operation)
        detail = {
            "Tag": tag,
            "QueueId": text_at(root, "QueueId") or self.store.queue_id(self.bucket, kind),
            "Input": {"BucketId": self.bucket, "Object": key, "Region": self.region},
        }
        operation = element("Operation", operation)
        for own_tag in operation.findall("Tag"):
            operation.remove(own_tag)
        if text_at(operation, "TemplateId"):
            operation.append(element("TemplateName", "template"))
        file = self.store.objects.file(self.bucket, key)

        def complete(job):
            if file is None:
                job.failure = ("ResourceNotFound", "The input object does not exist.")
            elif kind == "file":
                algorithm = text_at(operation, "FileHashCodeConfig/Type")
                job.result = {"FileHashCodeResult": jobs.hash_result(file, algorithm)}
            else:
                job.result = jobs.animation_result(job, operation)

        return self.bucket, kind, kind[0] if kind == "file" else "j", tag, detail, operation, self.now, complete

    def submit_batch(self, root):
        name, operation, source = text_at(root, "Name"), root.find("Operation"), root.find("Input")
        kind = text_at(root, "Type") or "Workflow"
        if not name or len(name) > 128:
            raise invalid("Name is missing or longer than 128 characters.")
        if kind not in ("Job", "Workflow"):
            raise invalid("Type is neither Job nor Workflow.")
        if operation is None:
            raise invalid("Operation is missing.")
        sources = [child for child in source if child.tag in ("Manifest", "UrlFile", "Prefix", "Object")] \
            if source is not None else []
        if len(sources) != 1:
            raise invalid("Input has not exactly one of Manifest, UrlFile, Prefix and Object.")
        check_common(operation)
        check_callback(operation)
        tag = text_at(operation, "Tag") or ""
        if kind == "Job":
            if tag not in MEDIA_TAGS:
                raise invalid("Operation/Tag is missing or not known.")
            if operation.find("JobParam") is None:
                raise invalid("Operation/JobParam is missing.")
            if tag not in WITHOUT_OUTPUT:
                check_output(operation, needs_object=tag not in ("Snapshot", "VoiceSeparate", "StreamExtract"))
        elif not text_at(operation, "WorkflowIds"):
            raise invalid("Operation/WorkflowIds is missing.")
        for bound in ("Start", "End"):
            if text := text_at(operation, f"TimeInterval/{bound}"):
                seconds_of(text, f"TimeInterval/{bound}")
        detail = {"Name": name, "Type": kind, "Input": source}
        job = self.store.submit(
            self.bucket, "batch", "b", tag, detail, operation, self.now, lambda job: None)
        return answer("Response", {"RequestId": self.request_id, "JobsDetail": job.node(self.now)})

    # Reading and cancelling

    def query(self, ids, kinds):
        if len(ids) > IDS_MAX:
            raise invalid(f"More than {IDS_MAX} job ids are asked for.")
        found = [(job_id, self.store.find(self.bucket, kinds, job_id)) for job_id in ids if job_id]
        content = {"RequestId": self.request_id} if "batch" in kinds else {}
        content["JobsDetail"] = [job.node(self.now) for _, job in found if job]
        content["NonExistJobIds"] = [job_id for job_id, job in found if not job]
        return answer("Response", content)

    def cancel(self, job_id, kinds):
        job = self.store.find(self.bucket, kinds, job_id)
        if job is None:
            raise invalid("There is no such job.")
        if not self.store.cancel(job, self.now):
            raise invalid("Only a waiting job can be cancelled.")
        return b""

    def list(self, kinds, needs_queue):
        # Clients send parameters without a value for those they leave open.
        given = {name: value for name, value in self.parameters.items() if value}
        if needs_queue and not (given.get("queueId") and given.get("tag")):
            raise invalid("queueId and tag are required.")
        size, offset = given.get("size", "10"), given.get("nextToken", "0")
        if not re.fullmatch("[0-9]{1,3}", size) or not 1 <= int(size) <= LIST_SIZE_MAX:
            raise invalid(f"size is not a number from 1 to {LIST_SIZE_MAX}.")
        if not re.fullmatch("[0-9]{1,9}", offset):
            raise invalid("nextToken is not one that this server gave.")
        order = given.get("orderByTime", "Desc")
        if order not in ("Desc", "Asc"):
            raise invalid("orderByTime is neither Desc nor Asc.")
        fitting = [job for job in self.store.all(self.bucket, kinds) if self.fits(job, given)]
        fitting.sort(key=lambda job: (job.created, job.id), reverse=order == "Desc")
        end = int(offset) + int(size)
        content = {"RequestId": self.request_id} if "batch" in kinds else {}
        content["JobsDetail"] = [job.node(self.now) for job in fitting[int(offset):end]]
        if end < len(fitting):
            content["NextToken"] = str(end)
        return answer("Response", content)

    def fits(self, job, given):
        states = given.get("states", "All").split(",")
        if any(state not in STATES + ("All",) for state in states):
            raise invalid("states names a state that does not exist.")
        node = job.node(self.now)
        after, before = given.get("startCreationTime"), given.get("endCreationTime")
        return (
            ("All" in states or node["State"] in states)
            and given.get("queueId", node.get("QueueId")) == node.get("QueueId")
            and given.get("tag", job.tag) == job.tag
            and given.get("type", node.get("Type")) == node.get("Type")
            and given.get("jobId", job.id) == job.id
            and ("workflowId" not in given or given["workflowId"] in (text_at(job.operation, "WorkflowIds") or "").split(","))
            and given.get("name", node.get("Name")) == node.get("Name")
            and (after is None or job.created >= seconds_of(after, "startCreationTime"))
            and (before is None or job.created < seconds_of(before, "endCreationTime") + 1)
        )


def invalid(message):
    return Refusal("InvalidArgument", message)


def one_of(node, path, values):
    text = text_at(node, path)
    if text and text not in values:
        raise invalid(f"{path} is none of {', '.join(values)}.")


def check_common(operation):
    user_data = text_at(operation, "UserData") or ""
    if len(user_data) > 1024 or not all(" " <= character <= "~" for character in user_data):
        raise invalid("UserData is longer than 1024 characters or has some that are not printable ASCII.")
    one_of(operation, "JobLevel", ("0", "1", "2"))


def check_callback(node):
    one_of(node, "CallBackFormat", ("XML", "JSON"))
    one_of(node, "CallBackType", ("Url", "TDMQ", "Kafka"))
    if text_at(node, "CallBackType") == "TDMQ" and not text_at(node, "CallBackMqConfig/MqName"):
        raise invalid("CallBackMqConfig is required for TDMQ.")


def check_hash(operation):
    kind = text_at(operation, "FileHashCodeConfig/Type") or ""
    # One SDK sends the name in small letters.
    if kind.upper() not in ("MD5", "SHA1", "SHA256"):
        raise invalid("FileHashCodeConfig/Type is none of MD5, SHA1 and SHA256.")
    one_of(operation, "FileHashCodeConfig/AddToHeader", ("true", "false"))


def check_animation(operation):
    if not text_at(operation, "TemplateId") and operation.find("Animation") is None:
        raise invalid("Operation has neither TemplateId nor Animation.")
    one_of(operation, "Animation/Container/Format", ("gif", "hgif", "webp"))
    check_output(operation, needs_object=True)


def check_output(operation, needs_object):
    for name in ("Region", "Bucket") + (("Object",) if needs_object else ()):
        if not text_at(operation, f"Output/{name}"):
            raise invalid(f"Output/{name} is missing.")


def seconds_of(text, name):
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z").timestamp()
    except ValueError:
        raise invalid(f"{name} is no time such as 2022-07-18T15:16:43+0800.") from None
