"""How often Python looks for cycles is the whole process's: whoever changes it puts it back."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from wireproof.cycles import sought


@pytest.fixture(autouse=True)
def _usual() -> Iterator[None]:
    usual = gc.get_threshold()
    gc.set_threshold(600, 9, 8)
    yield
    gc.set_threshold(*usual)


def test_cycles_are_looked_for_as_often_as_asked_and_then_as_before() -> None:
    with sought(every=20_000):
        assert gc.get_threshold() == (20_000, 9, 8)
    assert gc.get_threshold() == (600, 9, 8)


def test_what_fails_meanwhile_leaves_nothing_behind() -> None:
    with pytest.raises(ZeroDivisionError), sought(every=0):
        raise ZeroDivisionError
    assert gc.get_threshold() == (600, 9, 8)


def test_with_none_asked_for_cycles_stay() -> None:
    with sought(every=0):
        before = gc.get_stats()[0]["collections"]
        kept = [[] for _ in range(100_000)]  # type: ignore[var-annotated]
        assert gc.get_stats()[0]["collections"] == before
    assert len(kept) == 100_000
