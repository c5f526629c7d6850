"""Where faulty services let one call come between the steps of another."""

from __future__ import annotations

import threading

_MOMENT = 0.25
"""Seconds that a call of a faulty service waits for another to come between."""


class Meeting:
    """Where a call waits until another has come as far, or a *moment* if none does."""

    def __init__(self, moment: float = _MOMENT) -> None:
        self.two = threading.Barrier(2)
        self.moment = moment

    def wait(self) -> None:
        try:
            self.two.wait(self.moment)
        except threading.BrokenBarrierError:
            self.two.reset()  # for whoever comes next
