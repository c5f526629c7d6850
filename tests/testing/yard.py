"""A yard of jobs: a `spec` of the caller's inside each, replies that wrap them, a mask of the spec.

A fault is a subclass.
"""

from __future__ import annotations

import hashlib
from itertools import count
from typing import Any

from tests.testing.shapes import Code, Shape

_FIELDS = ("title", "labels", "command", "memory")


class Yard(Shape):
    """Jobs that are queued, changed by fields of their spec, and cancelled."""

    file = "yard"
    service = "Yard"

    def __init__(self) -> None:
        self.jobs: dict[int, Any] = {}
        self.keys: dict[str, tuple[Any, int]] = {}
        self.numbers = count(1)

    def create_job(self, request: Any, context: Any) -> Any:
        if not request.spec.title:
            context.abort(Code.INVALID_ARGUMENT, "spec.title, please")
        spec, id_ = self.keys.get(request.idempotency_key, (request.spec, 0))
        if spec != request.spec:
            context.abort(Code.ALREADY_EXISTS, "the key is another job's")
        id_ = id_ or next(self.numbers)
        if request.idempotency_key:
            self.keys[request.idempotency_key] = (request.spec, id_)
        self.jobs.setdefault(id_, self.kind("Job")(id=id_, spec=request.spec, state=1, version=1))
        return self.kind("CreateJobResponse")(job=self.jobs[id_])

    def get_job(self, request: Any, context: Any) -> Any:
        return self.kind("GetJobResponse")(job=self.found(request.id, context))

    def found(self, id_: int, context: Any) -> Any:
        if id_ not in self.jobs:
            context.abort(Code.NOT_FOUND, "no such job")
        return self.jobs[id_]

    def list_jobs(self, request: Any, context: Any) -> Any:
        if request.limit < 0:
            context.abort(Code.INVALID_ARGUMENT, "limit is not negative")
        start = self.start(request.cursor, context)
        jobs = [self.jobs[id_] for id_ in sorted(self.jobs) if id_ > start]
        size = min(request.limit or 20, 50)
        further = str(jobs[size - 1].id) if len(jobs) > size else ""
        return self.kind("ListJobsResponse")(jobs=jobs[:size], next_cursor=further)

    def start(self, cursor: str, context: Any) -> int:
        if cursor and not (cursor.isascii() and cursor.isdigit()):
            context.abort(Code.INVALID_ARGUMENT, "no cursor of this list")
        return int(cursor or 0)

    def update_job(self, request: Any, context: Any) -> Any:
        paths = list(request.mask.paths) or _FIELDS
        if set(paths) - set(_FIELDS):
            context.abort(Code.INVALID_ARGUMENT, "mask: no such field")
        job = self.found(request.id, context)
        if self.gone_by(request.expected_version, job):
            context.abort(Code.ABORTED, "the job has another version")
        spec = self.kind("Spec")()
        spec.CopyFrom(job.spec)
        for path in self.written(paths):
            _put(spec, path, request.spec)
        if not spec.title:
            context.abort(Code.INVALID_ARGUMENT, "spec.title, please")
        job.spec.CopyFrom(spec)
        job.version += 1
        return self.kind("UpdateJobResponse")(job=job)

    def gone_by(self, expected: int, job: Any) -> bool:
        return expected not in (0, job.version)

    def written(self, paths: Any) -> Any:
        return paths

    def cancel_job(self, request: Any, context: Any) -> Any:
        job = self.found(request.id, context)
        if job.state == 2:
            context.abort(Code.FAILED_PRECONDITION, "the job is cancelled")
        job.state = 2
        job.version += 1
        return self.kind("CancelJobResponse")(job=job)

    def upload(self, requests: Any, context: Any) -> Any:
        if not next(requests, self.kind("UploadRequest")()).title:
            context.abort(Code.INVALID_ARGUMENT, "a title first")
        pieces = []
        for request in requests:
            if not request.chunk:
                context.abort(Code.INVALID_ARGUMENT, "pieces of it then")
            pieces.append(request.chunk)
        whole = self.joined(pieces)
        size, digest = self.size(pieces), hashlib.sha256(whole).hexdigest()
        return self.kind("UploadResponse")(size=size, sha256=digest)

    def size(self, pieces: list[bytes]) -> int:
        return sum(map(len, pieces))

    def joined(self, pieces: list[bytes]) -> bytes:
        return b"".join(pieces)


def _put(target: Any, name: str, source: Any) -> None:
    """Give *target* the field that *source* has."""
    target.ClearField(name)
    value = getattr(source, name)
    if hasattr(value, "keys"):
        getattr(target, name).update(value)
    elif isinstance(value, str | int):
        setattr(target, name, value)
    else:
        getattr(target, name).extend(value)


class Unmasked(Yard):
    """Writes every field of the spec, whichever the mask names."""

    def written(self, paths: Any) -> Any:
        return _FIELDS if paths else paths


class Overwriting(Yard):
    """Looks at no version that an update expects."""

    def gone_by(self, expected: int, job: Any) -> bool:
        return expected < 0 and job.version > 0


class Newest(Yard):
    """Answers with the newest job, whichever was asked for."""

    def found(self, id_: int, context: Any) -> Any:
        super().found(id_, context)
        return self.jobs[max(self.jobs)]


class Single(Yard):
    """Has room for one job: the next one takes its place."""

    def create_job(self, request: Any, context: Any) -> Any:
        reply = super().create_job(request, context)
        self.jobs = {reply.job.id: self.jobs[reply.job.id]}
        return reply


class Blank(Yard):
    """Answers with a job that has nothing in it where there is none."""

    def get_job(self, request: Any, _: Any) -> Any:
        found = self.jobs.get(request.id, self.kind("Job")())
        return self.kind("GetJobResponse")(job=found)


class Unminding(Yard):
    """Says that a job is cancelled, and leaves it in the queue."""

    def cancel_job(self, request: Any, context: Any) -> Any:
        job = self.kind("Job")()
        job.CopyFrom(self.found(request.id, context))
        job.state = 2
        return self.kind("CancelJobResponse")(job=job)


class Trusting(Yard):
    """Believes that every cursor is one of its own."""

    def start(self, cursor: str, _: Any) -> int:
        return int(cursor or 0)


class Short(Yard):
    """Tells the size of an upload without its last piece."""

    def size(self, pieces: list[bytes]) -> int:
        return super().size(pieces[:-1] if len(pieces) > 1 else pieces)


class Unordered(Yard):
    """Puts the pieces of an upload together in another order than they came in."""

    def joined(self, pieces: list[bytes]) -> bytes:
        return super().joined(sorted(pieces))
