"""The phase with chance: calls in flight together, the same ones for the same seed, and shrunk."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import grpc
import pytest
from hypothesis.database import InMemoryExampleDatabase

from tests.testing.asked import patient
from tests.testing.test_runner import found
from tests.testing.zoo import Zoo, open_zoo, refuse
from wireproof import values
from wireproof.exchange import quick
from wireproof.schema.source import load
from wireproof.testing import Phase, TestReport, flight, run_tests

DRAWN = (Phase.EXAMPLES, Phase.FUZZING)


class Long(Zoo):
    """A kind of more than ten letters breaks it, which no example has."""

    def add_beast(self, request, context):
        if len(request.beast.kind) > 10:
            refuse(context, grpc.StatusCode.INTERNAL, "it broke")
        return super().add_beast(request, context)


class Named(Zoo):
    """Numbers a beast by what is sent of it: by its turn, the number would hang on threads."""

    def add_beast(self, request, context):  # noqa: ARG002 - a handler
        beast: Any = self.kinds["Beast"]()
        beast.CopyFrom(request.beast)
        beast.tag = zlib.crc32(request.SerializeToString(deterministic=True)) + 1
        self.beasts[beast.tag] = beast
        return self.kinds["AdoptReply"](beast=beast)


class Crowded(Zoo):
    """Two calls at once break it; one after the other never does."""

    inside = threading.Semaphore(1)

    def search_beasts(self, request, context):
        if not self.inside.acquire(timeout=0.02):
            refuse(context, grpc.StatusCode.INTERNAL, "it broke")
        try:
            threading.Event().wait(0.1)  # the work that the others run into
            return super().search_beasts(request, context)
        finally:
            self.inside.release()


def outcome(kind: type[Zoo] = Zoo, **asked: Any) -> TestReport:
    with open_zoo(kind) as (address, schema):
        return run_tests(address, schema, patient(**{"phases": DRAWN, "max_calls": 600, **asked}))


@contextmanager
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, bytes]]]:
    """What is sent in bulk, in the order in which it is made."""
    calls: list[tuple[str, bytes]] = []
    real = quick.quick

    async def noting(channel, method, script, note):
        calls.append((method.name, script.steps[0].payload))
        return await real(channel, method, script, note)

    monkeypatch.setattr(flight, "quick", noting)
    yield calls


@pytest.mark.parametrize("workers", [1, 8])
def test_a_fault_is_found_and_shrunk(workers):
    """
    One at a time or in flight together, the smallest request that shows it is told.
    """
    (finding,) = outcome(Long, workers=workers).findings
    assert finding.id == "SERVER_FAULT"
    assert finding.exchange is not None
    kind = finding.exchange["steps"][0]["send"]["beast"]["kind"]
    assert len(kind) == 11


@pytest.mark.parametrize("workers", [1, 8])
def test_nothing_is_found_on_a_healthy_server(workers):
    """
    However many calls are in flight.
    """
    report = outcome(workers=workers)
    assert (report.findings, report.untested, report.stopped) == ((), (), "")


def test_the_same_seed_makes_the_same_calls_also_together(monkeypatch):
    """
    Answers come in any order; what is asked does not hang on it.
    """
    with sent(monkeypatch) as calls:
        outcome(Named, workers=8, seed=3, max_calls=400)
        first = calls[:]
        calls.clear()
        outcome(Named, workers=8, seed=3, max_calls=400)
    assert first == calls
    assert len(first) > 300


RULED = """\
syntax = "proto3";
package zoo;
import "buf/validate/validate.proto";
message Beast { int64 tag = 1; string called = 2; string kind = 3; int32 legs = 4; }
message Adopt { Beast beast = 1 [(buf.validate.field).required = true]; }
message AdoptReply { Beast beast = 1; }
service Zoo { rpc AddBeast(Adopt) returns (AdoptReply); }
"""


def test_every_third_request_breaks_a_rule_from_the_first_round_on(monkeypatch, tmp_path):
    """
    Among those that break none: a server is as busy with the ones as with the others.
    """
    (tmp_path / "zoo.proto").write_text(RULED, encoding="utf-8")
    schema = load(str(tmp_path))
    with sent(monkeypatch) as calls, open_zoo() as (address, _):
        run_tests(address, schema, patient(phases=DRAWN, max_calls=60))
    kind = schema.message_class("zoo.Adopt")
    broken = (values.violations(schema, kind.FromString(data)) for _, data in calls)
    assert "".join("x" if one else "." for one in broken)[:16] == "..x..x...x..x..x"


def test_what_breaks_among_other_calls_only_is_said_to_be_flaky():
    """
    A fault that does not come alone is told, and told apart.
    """
    report = outcome(Crowded, workers=8, methods=("SearchBeasts",), max_calls=60)
    assert found(report) == {("FLAKY", "SearchBeasts")}


def test_the_budget_of_calls_holds_with_calls_in_flight():
    """
    Not one call more.
    """
    report = outcome(workers=8, max_calls=333)
    assert (report.calls, report.spent) == (333, True)


def test_what_an_earlier_run_found_is_tried_first():
    """
    The next run need not find it again: a handful of calls is enough.
    """
    kept = InMemoryExampleDatabase()
    outcome(Long, examples=kept)
    with open_zoo(Long) as (address, schema):
        asked = patient(phases=DRAWN, methods=("AddBeast",), max_calls=3, examples=kept, seed=9)
        report = run_tests(address, schema, asked)
    assert found(report) == {("SERVER_FAULT", "AddBeast")}


def test_what_shows_nothing_any_more_is_let_go():
    """
    A mended server empties what was kept.
    """
    kept = InMemoryExampleDatabase()
    outcome(Long, examples=kept)
    key = b"wireproof zoo.Zoo.AddBeast valid"
    assert list(kept.fetch(key))
    outcome(examples=kept, max_calls=100)
    assert not list(kept.fetch(key))
