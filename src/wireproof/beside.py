"""Work done beside ours, by copies of this process, where the machine has cores to spare.

A copy (`fork`) has all that is in memory, so that nothing needs to be handed to it; what it finds
comes back pickled. Python's threads take turns: with them nothing would be done sooner.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache, partial
from itertools import pairwise
from typing import IO, Generic, NoReturn, TypeVar
from weakref import finalize

T = TypeVar("T")
R = TypeVar("R")

ENOUGH = 500
"""How many files or findings make a copy worth its while: some 50 ms of work."""
_MOST = 4
"""Processes at work for one comparison: more would cost memory and save little time."""
_origin = os.getpid()


def beside(compute: Callable[[], T], size: int) -> Callable[[], T]:
    """What waits for the value of *compute*: begun now if *size* is worth it, else when asked.

    The value must be picklable. Where a copy fails, for whatever reason, the value is computed
    here, so that an error is raised where it is understood.
    """
    return cache(_Copy(compute) if size >= ENOUGH and cores() > 1 else compute)


def spread(
    work: Callable[[Sequence[T]], list[R]], items: Sequence[T], prepare: Callable[[], object]
) -> list[R]:
    """What *work* makes of *items*, in their order; many are shared among the cores.

    *prepare* is called before that: what it computes, all have.
    """
    shares = min(cores(), len(items) // ENOUGH + 1)
    if shares > 1:
        prepare()
    bounds = [len(items) * share // shares for share in range(shares + 1)]
    mine, *others = (items[a:b] for a, b in pairwise(bounds))
    begun = [_Copy(partial(work, share)) for share in others]
    return [*work(mine), *(one for copy in begun for one in copy())]


def cores() -> int:
    """How many processes may work at once; 1 where no copy of this one should be made.

    A copy of a process with threads may find a lock taken for ever, and Python does not know of
    gRPC's threads. Copies make no copies.
    """
    alone = threading.active_count() == 1 and "grpc" not in sys.modules
    if sys.platform != "linux" or not alone or os.getpid() != _origin:
        return 1
    return min(_MOST, len(os.sched_getaffinity(0)))


class _Copy(Generic[T]):
    """A copy of this process at work; it is stopped where nobody waits for its answer."""

    def __init__(self, compute: Callable[[], T]) -> None:
        self._compute = compute
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            _answer(compute, writer)
        os.close(writer)
        self._answer = os.fdopen(reader, "rb")
        self._ended = finalize(self, _end, pid, self._answer)

    def __call__(self) -> T:
        answer = self._answer.read() if os.getpid() == _origin else b""  # it answers but once
        self._ended()
        return pickle.loads(answer) if answer else self._compute()  # noqa: S301 - our own words


def _answer(compute: Callable[[], object], writer: int) -> NoReturn:
    """What a copy does: it says what it found, or nothing, and leaves without cleaning up."""
    gc.disable()  # looking at every object would copy the memory that is shared
    with suppress(BaseException):
        answer = pickle.dumps(compute(), pickle.HIGHEST_PROTOCOL)
        with os.fdopen(writer, "wb") as out:
            out.write(answer)
    os._exit(0)


def _end(pid: int, answer: IO[bytes]) -> None:
    answer.close()
    if os.getpid() == _origin:
        with suppress(OSError):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
