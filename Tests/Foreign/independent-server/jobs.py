"""The jobs of one server: what is submitted, how it proceeds with the clock, and how it is listed."""

import hashlib
import pathlib
import random
import threading
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from xml.etree import ElementTree

from documents import element

ZONE = timezone(timedelta(hours=8))
# 100-nanosecond steps from the calendar reform, where version-1 UUIDs begin, to the Unix epoch.
UUID_EPOCH_STEPS = 0x01B21DD213814000


def time_text(seconds):
    return "-" if seconds is None else datetime.fromtimestamp(seconds, ZONE).strftime("%Y-%m-%dT%H:%M:%S%z")


@dataclass
class Job:
    kind: str  # file, media or batch
    id: str
    created: float
    starts: float
    ends: float
    detail: dict  # the nodes that stay as they are
    operation: ElementTree.Element
    tag: str
    failure: tuple = None  # (code, message)
    result: dict = field(default_factory=dict)
    cancelled: float = None

    def state(self, now):
        if self.cancelled is not None:
            return "Cancel"
        if now < self.starts:
            return "Submitted"
        if now < self.ends:
            return "Running"
        return "Failed" if self.failure else "Success"

    def node(self, now):
        """JobsDetail at a time: times of the future are '-', results come with success only."""
        state = self.state(now)
        has_started = state not in ("Submitted", "Cancel")
        has_ended = state in ("Success", "Failed", "Cancel")
        code, message = self.failure if state == "Failed" else ("Success", "")
        operation = element("Operation", self.operation)
        if state == "Success":
            operation.extend(element(name, value) for name, value in self.result.items())
        return {
            **self.detail,
            "Code": code,
            "Message": message,
            "JobId": self.id,
            "State": state,
            "CreationTime": time_text(self.created),
            "StartTime": time_text(self.starts if has_started else None),
            "EndTime": time_text((self.cancelled or self.ends) if has_ended else None),
            "Operation": operation,
        }


class Objects:
    """The objects of the buckets: a folder for each bucket, a file for each object."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder).resolve() if folder else None

    def file(self, bucket, key):
        """The file of an object; None when there is no such object."""
        if self.folder is None or not key or "\0" in key:
            return None
        path = (self.folder / bucket / key.lstrip("/")).resolve()
        return path if path.is_relative_to(self.folder / bucket) and path.is_file() else None


class Store:
    """The jobs of all buckets. Its methods may be called from any thread."""

    def __init__(self, objects, waiting_seconds, running_seconds):
        self.objects = objects
        self.waiting_seconds, self.running_seconds = waiting_seconds, running_seconds
        self.jobs = {}
        self.queues = {}
        self.lock = threading.Lock()
        self.last_steps = 0
        self.worker = random.getrandbits(48) | 1 << 40  # the multicast bit: no network card has this address
        self.sequence = random.getrandbits(14)

    def job_id(self, letter, now):
        """The letter and a version-1 UUID without hyphens, whose time is that of the job."""
        steps = max(int(now * 10_000_000) + UUID_EPOCH_STEPS, self.last_steps + 1)
        self.last_steps = steps
        fields = (
            steps & 0xFFFFFFFF, steps >> 32 & 0xFFFF, steps >> 48 & 0x0FFF | 0x1000,
            self.sequence >> 8 | 0x80, self.sequence & 0xFF, self.worker,
        )
        return letter + uuid.UUID(fields=fields).hex

    def queue_id(self, bucket, kind):
        """The default queue of a bucket for a kind of jobs."""
        return self.queues.setdefault((bucket, kind), "p" + uuid.uuid4().hex)

    def submit(self, bucket, kind, letter, tag, detail, operation, now, complete):
        """Keeps a new job. `complete` fills in its result or failure, which shows when its time has come."""
        with self.lock:
            job = Job(
                kind, self.job_id(letter, now), now, now + self.waiting_seconds,
                now + self.waiting_seconds + self.running_seconds, detail, operation, tag)
            complete(job)
            self.jobs[bucket, job.id] = job
        return job

    def find(self, bucket, kinds, job_id):
        with self.lock:
            job = self.jobs.get((bucket, job_id))
        return job if job and job.kind in kinds else None

    def all(self, bucket, kinds):
        with self.lock:
            return [job for (owner, _), job in self.jobs.items() if owner == bucket and job.kind in kinds]

    def cancel(self, job, now):
        """Whether the job was waiting, the only state that can be cancelled; a cancelled job stays so."""
        with self.lock:
            if job.state(now) == "Submitted":
                job.cancelled = now
            return job.cancelled is not None


def hash_result(file, algorithm):
    digest = hashlib.new(algorithm.lower())
    etag = hashlib.md5()
    with file.open("rb") as stream:
        while piece := stream.read(1 << 20):
            digest.update(piece)
            etag.update(piece)
    status = file.stat()
    return {
        algorithm.upper(): digest.hexdigest(),
        "FileSize": str(status.st_size),
        "LastModified": time_text(status.st_mtime),
        "Etag": f'"{etag.hexdigest()}"',
    }


def animation_result(job, operation):
    """What a finished conversion says of its output. Nothing is converted: the picture has one frame and no bytes."""
    output = {name: operation.findtext(f"Output/{name}", "").strip() for name in ("Bucket", "Region", "Object")}
    key = output["Object"].replace("${jobid}", job.id).replace("${ext}", "gif")
    video = {"CodecName": "gif", "Index": "0", "Fps": "1.000000", "NumFrames": "1", "Rotation": "0.000000"}
    return {
        "MediaInfo": {
            "Format": {"FormatName": "gif", "NumProgram": "0", "NumStream": "1", "Size": "0", "StartTime": "0.000000"},
            "Stream": {"Audio": "", "Subtitle": "", "Video": video},
        },
        "MediaResult": {
            "OutputFile": {
                "Bucket": output["Bucket"],
                "Region": output["Region"],
                "ObjectName": key,
                "ObjectPrefix": "",
                "Md5Info": {"ObjectName": key, "Md5": hashlib.md5(b"").hexdigest()},
            }
        },
    }
