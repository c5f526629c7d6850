"""One timer for many calls that may last equally long."""

from __future__ import annotations

import asyncio
from typing import Any

from service.interceptors.timeline import Timeline

TIME = 0.02


async def test_whoever_lasts_too_long_is_told_in_order_and_nobody_too_soon():
    """
    Those who have ended are not told; whoever begins when nobody was watched, is.
    """
    loop = asyncio.get_running_loop()
    late: asyncio.Queue[Any] = asyncio.Queue()
    timeline = Timeline(TIME, late.put_nowait)
    async with asyncio.TaskGroup() as group:
        first, second, third, last = (group.create_task(asyncio.Event().wait()) for _ in range(4))
        began = loop.time()
        for task in (first, second, third):
            timeline.began(task)
        timeline.ended(first)
        assert [await late.get(), await late.get()] == [second, third]
        assert loop.time() - began >= TIME
        timeline.ended(third)
        timeline.began(last)
        began = loop.time()
        assert await late.get() is last
        assert loop.time() - began >= TIME
        for task in (first, second, third, last):
            task.cancel()
    assert late.empty()


async def test_calls_that_end_in_time_leave_one_timer_at_most():
    """
    However many they are.
    """
    loop = asyncio.get_running_loop()
    timers: list[asyncio.TimerHandle] = []
    timeline = Timeline(60, print)
    task = loop.create_task(asyncio.Event().wait())
    for _ in range(100):
        timeline.began(task)
        timeline.ended(task)
        if timeline._timer is not None and timeline._timer not in timers:
            timers.append(timeline._timer)
    assert len(timers) == 1
    timers[0].cancel()
    task.cancel()
