"""Calls in flight together: the server is kept busy, and nothing is asked of one that is gone."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import pytest

from wireproof.exchange import Exchange, Script, method_of, sends
from wireproof.schema.source import load
from wireproof.testing import flight
from wireproof.testing.flight import Flight, Plan

PROTO = """\
syntax = "proto3";
package pond.v1;
message Pebble { int32 number = 1; }
service Pond { rpc Throw(Pebble) returns (Pebble); }
"""
SLOW = 20
"""Turns of the event loop that an answer takes."""


class Pond:
    """A server without a network, which counts; its *lost*-th call and later ones fail."""

    def __init__(self, folder: Any, lost: int | None = None) -> None:
        (folder / "pond.proto").write_text(PROTO, encoding="utf-8")
        (self.method,) = map(method_of, load(str(folder)).methods())
        self.lost = lost
        self.calls = 0
        self.open = 0

    async def quick(self, _channel: Any, method: Any, script: Script, note: Any) -> Exchange:
        self.calls += 1
        gone = self.lost is not None and self.calls >= self.lost
        self.open += 1
        for _ in range(SLOW):
            await asyncio.sleep(0)
        self.open -= 1
        code = grpc.StatusCode.UNAVAILABLE if gone else grpc.StatusCode.OK
        return Exchange(method, script, script.steps, code, note=note)

    def plans(self, count: int) -> Any:
        for number in range(count):
            message: Any = self.method.request()
            message.number = number
            yield Plan(self.method, message, {}), Script(sends(message))


def flown(monkeypatch: pytest.MonkeyPatch, pond: Pond, count: int, workers: int) -> Any:
    """The flight, after *count* calls to *pond*, and how many were open as each was judged."""
    monkeypatch.setattr(flight, "quick", pond.quick)
    channel: Any = None
    done = Flight(channel, workers, lambda _: pond.open, lambda _: 1.0)
    asyncio.run(done.made(pond.plans(count)))
    return done


def test_the_server_has_its_next_request_before_an_answer_is_judged(monkeypatch, tmp_path):
    """
    What a tester has to think about costs the server no time.
    """
    done = flown(monkeypatch, Pond(tmp_path), count=40, workers=4)
    judged = [seen for _, _, seen in done.landed]
    assert judged[:36] == [4] * 36


@pytest.mark.parametrize("workers", [1, 4, 16])
def test_every_call_lands_once_in_the_order_in_which_it_was_asked(monkeypatch, tmp_path, workers):
    """
    However many are in flight, and also where there are fewer calls than workers.
    """
    done = flown(monkeypatch, Pond(tmp_path), count=10, workers=workers)
    assert [plan.message.number for plan, _, _ in done.landed] == list(range(10))
    assert (done.lost, done.unmade) == (None, 0)


def test_a_server_that_is_gone_is_asked_nothing_more(monkeypatch, tmp_path):
    """
    What was in flight ends; what was ready, two for each in flight, is counted as not made.
    """
    pond = Pond(tmp_path, lost=5)
    done = flown(monkeypatch, pond, count=100, workers=4)
    assert done.lost is not None
    assert pond.calls == len(list(done.landed)) < 5 + 2 * 4
    assert 0 < done.unmade <= 2 * 4


def test_what_fails_in_a_call_is_not_kept_back(monkeypatch, tmp_path):
    """
    A fault of our own ends the flight, and does not leave it waiting.
    """

    async def broken(*_: Any) -> Exchange:
        raise ZeroDivisionError

    pond = Pond(tmp_path)
    monkeypatch.setattr(pond, "quick", broken)
    with pytest.raises(ZeroDivisionError):
        flown(monkeypatch, pond, count=10, workers=4)
