"""Pace: nothing on a chat that answers in step, each way to keep a client waiting is found."""

from __future__ import annotations

import threading
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from tests.testing.asked import patient
from tests.testing.chat import Chat, open_chat
from tests.testing.test_access_trials import CALLERS
from tests.testing.vault import Vault, open_vault
from wireproof.testing import Phase, run_tests

WIRE: dict[str, Any] = {"phases": (Phase.EXAMPLES, Phase.WIRE), "max_calls": 1500}


def found(kind: type[Chat]) -> set[str]:
    with open_chat(kind) as (address, schema):
        report = run_tests(address, schema, patient(**WIRE))
    assert report.stopped == ""
    return {finding.id for finding in report.findings}


class Hoarding(Chat):
    """Answers when everything is said, and nothing after an error."""

    def talk(self, payloads, context):
        yield from [self.line(payload, context) for payload in payloads]


class Backwards(Chat):
    """Answers two lines at a time, the second first, once there are more than three."""

    def talk(self, payloads, context):
        held = None
        for index, payload in enumerate(payloads):
            line = self.line(payload, context)
            if index < 3:
                yield line
            elif held is None:
                held = line
            else:
                yield line
                yield held
                held = None
        if held is not None:
            yield held


class Patient(Chat):
    """Finds out what is wrong when everything is said."""

    def store(self, payloads, context):
        return super().store(iter(list(payloads)), context)


class Curt(Chat):
    """Takes three questions at a time, and does not say when to come back."""

    def __init__(self) -> None:
        self.free = threading.Semaphore(3)

    def ask(self, payload, context):
        if not self.free.acquire(blocking=False):
            self.refuse(context)
        threading.Event().wait(0.1)  # an answer takes time
        self.free.release()
        return super().ask(payload, context)

    def refuse(self, context):
        context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "too many questions")


class Polite(Curt):
    """Takes three questions at a time, and says when to come back."""

    def refuse(self, context):
        code = grpc.StatusCode.RESOURCE_EXHAUSTED
        status = status_pb2.Status(code=code.value[0], message="too many questions")
        info = error_details_pb2.RetryInfo()
        info.retry_delay.FromMilliseconds(300)
        status.details.add().Pack(info)
        context.abort_with_status(rpc_status.to_status(status))


class Dropping(Vault):
    """Notes are long, and what a reader of events has not read is kept three at a time."""

    def create_note(self, request, context, caller):
        request.note.colour = "x" * 16_384
        return super().create_note(request, context, caller)

    def stored(self, note, event):
        behind = [reader for reader in self.readers if reader.qsize() >= 3]
        self.readers = [reader for reader in self.readers if reader not in behind]
        made = super().stored(note, event)
        self.readers += behind
        return made


@pytest.mark.parametrize("kind", [Chat, Polite])
def test_nothing_is_found_where_clients_are_served_in_step(kind):
    """
    A limit that says when to come back is none of ours.
    """
    assert found(kind) == set()


@pytest.mark.parametrize(
    ("kind", "ids"),
    [
        (Hoarding, {"LOCKSTEP_KEPT", "DELIVERED_BEFORE_ERROR"}),
        (Backwards, {"PROMISED_ORDER_KEPT"}),
        (Patient, {"EARLY_STATUS_TOLD"}),
        (Curt, {"RATE_LIMIT_TELLS_WHEN"}),
    ],
)
def test_a_client_kept_waiting_is_found(kind, ids):
    """
    By its own fault and no other.
    """
    assert found(kind) == ids


def test_a_slow_reader_that_misses_events_is_found():
    """
    It reads on after many changes, through a window of a kilobyte.
    """
    with open_vault(Dropping) as (address, schema):
        report = run_tests(address, schema, patient(**WIRE, credentials=CALLERS))
    assert {finding.id for finding in report.findings} == {"SLOW_READER_LOSES_NOTHING"}


def test_what_no_request_provokes_is_said():
    """
    Nobody takes silence about an error half-way through a stream for a pass.
    """
    with open_vault() as (address, schema):
        report = run_tests(address, schema, patient(**WIRE, credentials=CALLERS))
    assert [note.partition(":")[0] for note in report.notes if "half-way" in note] == [
        "vault.v1.Vault.WatchNotes"
    ]
