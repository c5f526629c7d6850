"""Answers that come to fit in time: copies lag behind, and what is long-running runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

LAGS = (0.02, 0.08, 0.3, 0.6)
"""Seconds after which a server is asked again."""


def settled(
    found: T, look: Callable[[], T], fits: Callable[[T], bool], lags: tuple[float, ...] = LAGS
) -> T:
    """What was *found*, or what another *look* finds once that *fits*, or at last."""
    for seconds in lags:
        if fits(found):
            break
        time.sleep(seconds)
        found = look()
    return found
