"""Waiting for company: what arrives together is done together."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 0.002  # seconds


async def gathered(waiting: Callable[[], int], *, most: int, turns: int) -> None:
    """Return once the event loop, which brings the work, has brought no more for some turns.

    A server that is busy then does much at once and an idle one hardly waits: a turn that brings
    nothing takes microseconds. Nobody waits long, whatever turns bring.
    """
    until = time.perf_counter() + LONGEST
    quiet = 0
    while quiet < turns and (before := waiting()) < most and time.perf_counter() < until:
        await asyncio.sleep(0)
        quiet = quiet + 1 if waiting() == before else 0
