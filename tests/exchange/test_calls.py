"""Calls show what a server really sent, and never hang."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import grpc
import pytest

from tests.exchange.serving import METHODS, note, serving
from wireproof.exchange import Exchange, Script, Step, StepKind, Style, sends
from wireproof.exchange.calls import call, opened
from wireproof.exchange.channel import connected, target_of

A, B, C = note("a"), note("b"), note("c")


async def called(handler, style: Style, script: Script) -> Exchange:
    async with serving(handler) as address, connected(target_of(address)) as channel:
        return await call(channel, METHODS[style], script)


@asynccontextmanager
async def conversing():
    """A bidirectional call in flight, at a server that echoes."""
    async with (
        serving(echo) as address,
        connected(target_of(address)) as channel,
        opened(channel, METHODS[Style.BIDIRECTIONAL]) as live,
    ):
        yield live


async def echo(requests, context):
    async for request in requests:
        yield request


async def twice(requests, context):
    async for request in requests:
        yield request
        yield request


async def silent(requests, context):
    async for _ in requests:
        pass
    return
    yield


async def endless(requests, context):
    while True:
        yield A
        await asyncio.sleep(0)


async def refusing(requests, context):
    yield A
    yield B
    await context.abort(grpc.StatusCode.NOT_FOUND, "no such note", (("detail-bin", b"\x00\x01"),))


@pytest.mark.parametrize(("handler", "count"), [(echo, 1), (twice, 2), (silent, 0)])
async def test_a_unary_call_shows_every_reply(handler, count):
    """
    Stubs hang on a second reply and hand out None for a missing one; here both are seen.
    """
    x = await called(handler, Style.UNARY, Script(sends(A)))
    assert (x.code, x.received) == (grpc.StatusCode.OK, (A,) * count)


async def test_a_client_stream_sends_in_order_and_half_closes():
    """
    What was sent is taken down in order, the half-close after it.
    """
    x = await called(echo, Style.BIDIRECTIONAL, Script(sends(A, B, C)))
    kinds = [step.kind for step in x.steps if step.kind is not StepKind.RECEIVE]
    assert kinds == [StepKind.SEND] * 3 + [StepKind.HALF_CLOSE, StepKind.STATUS]
    assert (x.sent, x.received) == ((A, B, C), (A, B, C))


async def test_messages_before_an_error_are_kept_with_its_words_and_trailers():
    """
    An error after two messages still delivers the two.
    """
    x = await called(refusing, Style.SERVER_STREAMING, Script(sends(C)))
    assert (x.code, x.message, x.received) == (grpc.StatusCode.NOT_FOUND, "no such note", (A, B))
    assert ("detail-bin", b"\x00\x01") in x.trailers


async def test_an_early_status_reaches_a_client_that_still_sends():
    """
    The status is the server's own, never one that the client's library made of a refused write.
    """
    for _ in range(20):
        x = await called(refusing, Style.CLIENT_STREAMING, Script(sends(*[C] * 50)))
        assert x.code is grpc.StatusCode.NOT_FOUND


async def test_a_stream_without_end_is_read_for_so_many_steps():
    """
    Then the client cancels.
    """
    x = await called(endless, Style.SERVER_STREAMING, Script(sends(A), most=20))
    assert x.code is grpc.StatusCode.CANCELLED
    assert len(x.received) >= 10


async def test_a_stream_without_end_ends_with_its_deadline():
    """
    A deadline holds for the reading too.
    """
    x = await called(endless, Style.SERVER_STREAMING, Script(sends(A), deadline=0.1))
    assert x.code is grpc.StatusCode.DEADLINE_EXCEEDED
    assert x.duration < 60


async def test_receive_then_cancel():
    """
    A script waits for one message, then gives up the call.
    """
    steps = (*sends(A), Step(StepKind.RECEIVE), Step(StepKind.CANCEL))
    x = await called(endless, Style.SERVER_STREAMING, Script(steps))
    assert x.code is grpc.StatusCode.CANCELLED
    assert StepKind.CANCEL in [step.kind for step in x.steps]


async def test_a_live_call_converses():
    """
    A message goes out, its reply comes back, then the next.
    """
    heard = []
    async with conversing() as live:
        for message in (A, B):
            await live.send(message)
            heard.append(await live.receive())
        await live.half_close()
        x = await live.finish()
    assert (heard, x.code) == ([A, B], grpc.StatusCode.OK)


async def test_receive_tells_of_the_end_and_of_silence():
    """
    Both are None: a reader that waits is never left hanging.
    """
    async with conversing() as live:
        silence = await live.receive(0.05)
        await live.half_close()
        ended = [await live.receive(5), await live.receive(5)]
    assert (silence, ended) == (None, [None, None])


async def test_metadata_of_the_target_and_of_the_script_is_sent():
    """
    Credentials come from the target, the rest from the script.
    """

    async def telling(requests, context):
        sent = dict(context.invocation_metadata())
        yield note(f"{sent['who']} {sent['what']}")

    async with serving(telling) as address:
        target = target_of(address, metadata=(("who", "me"),))
        async with connected(target) as channel:
            script = Script(sends(A), metadata=(("what", "x"),))
            x = await call(channel, METHODS[Style.UNARY], script)
    assert x.received == (note("me x"),)
