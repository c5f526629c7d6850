"""Ranges of whole numbers as patterns of their digits."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireproof.openapi.numbers import RANGES, digits, integer

ANY = st.integers(-(2**63), 2**64 - 1) | st.integers(-1200, 1200)


@given(ANY, ANY, ANY)
def test_a_pattern_matches_the_numbers_of_its_range_alone(low: int, high: int, number: int) -> None:
    """
    Also where the range is empty, and at both of its ends.
    """
    pattern = re.compile(digits(low, high))
    for tried in (number, low - 1, low, low + 1, high - 1, high, high + 1):
        assert bool(pattern.match(str(tried))) == (low <= tried <= high)


@pytest.mark.parametrize("text", ["", "-", "007", "+1", "1.0", "1e3", "-0", " 1"])
def test_other_texts_are_no_numbers(text: str) -> None:
    """
    A number has one way to be written.
    """
    assert re.search(digits(-10, 2000), text, re.ASCII) is None


@pytest.mark.parametrize("kind", RANGES)
def test_only_64_bits_come_as_text(kind: str) -> None:
    """
    A JSON number holds 32 bits in every language.
    """
    expected = ["string", "integer"] if kind.endswith("64") else "integer"
    assert integer(kind)["type"] == expected
