"""Tasks that may last equally long, and one timer for all of them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

Task: TypeAlias = "asyncio.Task[Any]"


class Timeline:
    """Tells of tasks that last longer than that many seconds.

    A timer for each would cost a call more than most layers do. All have the same time, so they
    are due in the order in which they began: the timer is the first one's, and set anew when it
    rings.
    """

    def __init__(self, seconds: float, late: Callable[[Task], object]) -> None:
        self._seconds = seconds
        self._late = late
        self._due: dict[Task, float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def began(self, task: Task) -> None:
        loop = task.get_loop()
        self._due[task] = at = loop.time() + self._seconds
        if self._timer is None:
            self._timer = loop.call_at(at, self._ring, loop)

    def ended(self, task: Task) -> None:
        self._due.pop(task, None)

    def _ring(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        while self._due:
            task, at = next(iter(self._due.items()))
            if at > loop.time():
                self._timer = loop.call_at(at, self._ring, loop)
                return
            del self._due[task]
            self._late(task)
