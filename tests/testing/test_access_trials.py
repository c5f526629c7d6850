"""Who may do what: nothing on a vault that keeps its doors shut, each open door is found."""

from __future__ import annotations

from typing import Any

import grpc
import pytest

from tests.testing.asked import patient
from tests.testing.vault import CREDENTIALS, Vault, open_vault
from tests.testing.zoo import refuse
from wireproof.checks import Profile
from wireproof.testing import Caller, Phase, TestReport, run_tests

BOTH = (Profile.GRPC, Profile.AIP)
CALLERS = {name: Caller(proof) for name, proof in CREDENTIALS.items()}


def outcome(kind: type[Vault] = Vault, **asked: Any) -> TestReport:
    asked = {
        "profiles": BOTH,
        "phases": (Phase.EXAMPLES, Phase.STATEFUL),
        "credentials": CALLERS,
        **asked,
    }
    with open_vault(kind) as (address, schema):
        return run_tests(address, schema, patient(**asked))


def found(report: TestReport) -> set[tuple[str, str]]:
    return {(f.id, f.subject.rsplit(".", 1)[1]) for f in report.findings}


class OpenStream(Vault):
    """The stream of events asks nobody who they are."""

    public = ("Ping", "WatchNotes")

    def may(self, caller, note):
        return caller == "" or super().may(caller, note)


class Gullible(Vault):
    """Any token will do."""

    def caller(self, method, context):
        proof = dict(context.invocation_metadata()).get("authorization", "")
        name = proof.removeprefix("Bearer ").partition(".")[0]
        return name if name else super().caller(method, context)


class Peeking(Vault):
    """Everybody reads everything."""

    def get_note(self, request, context, caller):
        del caller
        return self.found(request.id, "root", context, deleted=True)


class Vandal(Vault):
    """Everybody changes everything."""

    def update_note(self, request, context, caller):
        del caller
        return super().update_note(request, context, "root")


class Careless(Vault):
    """Everybody deletes everything."""

    def delete_note(self, request, context, caller):
        del caller
        return super().delete_note(request, context, "root")


class Gossip(Vault):
    """Everybody is told of everything."""

    def watch_notes(self, request, context, caller):
        del caller
        return super().watch_notes(request, context, "root")


class Crowded(Vault):
    """Everybody's notes are listed."""

    def listed(self, note, caller, request):
        del caller
        return super().listed(note, "root", request)


class Telling(Vault):
    """Who may not ask learns whether a note exists."""

    def found(self, id_, caller, context, *, deleted=False):
        if id_ not in self.notes:
            refuse(context, grpc.StatusCode.NOT_FOUND, "no such note")
        return super().found(id_, caller, context, deleted=deleted)


class Pedantic(Vault):
    """Who may not ask is first told what is wrong with the question."""

    def get_note(self, request, context, caller):
        if len(request.id) > 40:
            refuse(context, grpc.StatusCode.INVALID_ARGUMENT, "id")
        return super().get_note(request, context, caller)


def test_nothing_is_found_where_doors_are_shut():
    """
    A public method among them is never accused.
    """
    report = outcome()
    assert (report.findings, report.untested, report.stopped) == ((), (), "")


@pytest.mark.parametrize(
    ("kind", "finding"),
    [
        (OpenStream, ("CREDENTIALS_ASKED_ALIKE", "WatchNotes without credentials")),
        (Gullible, ("CREDENTIALS_ASKED_ALIKE", "GetNote with bad credentials")),
        (Peeking, ("OTHERS_KEPT_OUT", "GetNote")),
        (Vandal, ("OTHERS_KEPT_OUT", "UpdateNote")),
        (Careless, ("OTHERS_KEPT_OUT", "DeleteNote")),
        (Gossip, ("OTHERS_KEPT_OUT", "WatchNotes")),
        (Crowded, ("OTHERS_KEPT_OUT", "ListNotes")),
        (Telling, ("PERMISSION_BEFORE_ANSWER", "GetNote of what does not exist")),
        (Pedantic, ("PERMISSION_BEFORE_ANSWER", "GetNote with an invalid request")),
    ],
)
def test_an_open_door_is_found(kind, finding):
    """
    From credentials of two callers and an admin, and the schema.
    """
    assert finding in found(outcome(kind))


def test_an_open_stream_is_found_without_any_credentials():
    """
    What its siblings answer to a stranger is evidence enough.
    """
    seen = found(outcome(OpenStream, credentials={}))
    assert ("CREDENTIALS_ASKED_ALIKE", "WatchNotes without credentials") in seen


def test_what_could_not_be_tested_is_said():
    """
    Nobody takes silence for a pass.
    """
    (note,) = [n for n in outcome(credentials={"admin": CALLERS["admin"]}).notes if "belongs" in n]
    assert note.endswith("Note belongs to callers, and the credentials of no two callers are known")


def test_no_report_shows_a_proof():
    """
    Reports end up in CI logs.
    """
    shown = repr(outcome(Peeking).findings)
    assert "GetNote" in shown
    assert "proof-of" not in shown
