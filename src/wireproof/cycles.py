"""How often Python looks for cycles of objects that nothing refers to any more."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def sought(*, every: int) -> Iterator[None]:
    """Look for cycles once *every* so many new objects, never where that is 0.

    For what makes many objects and hardly a cycle: Python looks after every 700, and looking at all
    that lives takes a quarter of a large comparison's time, and a twentieth of a long test's.
    """
    usual = gc.get_threshold()
    gc.set_threshold(every, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
