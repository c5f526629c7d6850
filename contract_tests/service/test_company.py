"""Calls that come together are served together, and none is any other's fate."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc

from service import gathering
from service.current import Method
from service.gathering import gathered
from service.interceptors.company import Company

UNARY = Method("/s.S/Ask", requests_stream=False, replies_stream=False)


def together(serve: Any, method: Method = UNARY) -> Any:
    """A behaviour as the layer makes it."""
    handler: Any = grpc.unary_unary_rpc_method_handler(serve)
    wrapped: Any = Company().wrap(handler, method)
    return wrapped.unary_unary


async def test_calls_of_one_moment_are_served_one_after_the_other() -> None:
    """
    Whatever else the event loop has to do comes after them, not between.
    """
    seen: list[Any] = []

    async def serve(request: int, _: Any) -> int:
        seen.append(request)
        return -request

    async def busy() -> None:
        for _ in range(100):
            seen.append("other")
            await asyncio.sleep(0)

    ask = together(serve)
    other = asyncio.create_task(busy())
    assert await asyncio.gather(*(ask(n, None) for n in (1, 2, 3))) == [-1, -2, -3]
    first = seen.index(1)
    assert seen[first : first + 3] == [1, 2, 3]
    await other


async def test_a_call_alone_is_served_without_company() -> None:
    """
    After some turns of the loop that bring nobody, and again the next time.
    """

    async def serve(request: int, _: Any) -> int:
        return request

    ask = together(serve)
    assert [await ask(n, None) for n in range(3)] == [0, 1, 2]


async def test_whoever_leaves_while_waiting_takes_nobody_along() -> None:
    """
    A client that is gone cancels its own call.
    """

    async def serve(request: int, _: Any) -> int:
        return request

    ask = together(serve)
    tasks = [asyncio.create_task(ask(n, None)) for n in range(3)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert [found[0], found[2]] == [0, 2]
    assert isinstance(found[1], asyncio.CancelledError)


async def test_nobody_waits_for_ever_for_those_who_keep_coming(monkeypatch: Any) -> None:
    """
    Neither for more than a number of them, nor longer than a time.
    """
    monkeypatch.setattr(gathering, "LONGEST", 3600)  # a busy machine may take long over few turns
    come = 0

    def waiting() -> int:
        nonlocal come
        come += 1
        return come

    await gathered(waiting, most=50, turns=5)
    assert 50 <= come <= 52  # it looks twice a turn
    monkeypatch.setattr(gathering, "LONGEST", 0)
    await gathered(waiting, most=10**9, turns=5)
