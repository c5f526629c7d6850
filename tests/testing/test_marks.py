"""A number marks the messages of a stream where each request gets its own back."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

import pytest

from tests.testing.asked import patient
from tests.testing.shapes import Shape, opened
from wireproof.testing import run_tests


class Gauge(Shape):
    """Says of each level whether it is high."""

    file = "gauge"

    def read(self, requests: Any, context: Any) -> Any:
        del context
        for level in self.told(request.level for request in requests):
            yield self.kind("Level")(level=level, high=level > 100)

    def told(self, levels: Any) -> Any:
        return levels


class Highest(Gauge):
    """Tells the highest level so far."""

    service = "Gauge"

    def told(self, levels: Any) -> Any:
        return accumulate(levels, max)


class Lowest(Gauge):
    """Tells the lowest level so far."""

    service = "Gauge"

    def told(self, levels: Any) -> Any:
        return accumulate(levels, min)


class Total(Gauge):
    """Tells the sum of the levels so far, as a gauge goes round."""

    service = "Gauge"

    def told(self, levels: Any) -> Any:
        return accumulate(levels, lambda one, other: (one + other) % 2**31)


class Swapping(Gauge):
    """Answers every second request before the one in front of it."""

    service = "Gauge"

    def told(self, levels: Any) -> Any:
        for first in levels:
            yield from [*([second] if (second := next(levels, None)) is not None else []), first]


def found_on(shape: type[Shape]) -> set[str]:
    with opened(shape) as (address, schema):
        return {one.id for one in run_tests(address, schema, patient(max_calls=400)).findings}


@pytest.mark.parametrize("shape", [Gauge, Highest, Lowest, Total])
def test_a_sum_or_an_extreme_is_no_mark(shape):
    """
    What a stream tells of all its requests is in order, whatever it looks like.
    """
    assert found_on(shape) == set()


def test_replies_out_of_order_are_found_by_a_number_of_any_name():
    """
    `level` says nothing of telling messages apart; that each comes back does.
    """
    assert found_on(Swapping) == {"REPLIES_IN_ORDER"}
