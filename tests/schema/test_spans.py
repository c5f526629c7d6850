"""Spans of numbers."""

from __future__ import annotations

import pytest

from wireproof.schema.spans import Span, freed, in_words


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (((2, 10),), ((2, 10),), []),
        (((2, 10),), ((2, 5), (7, 10)), ["6"]),
        (((2, 10),), ((2, 4), (5, 10)), []),
        (((2, 10),), ((1, 3), (9, 100)), ["4 to 8"]),
        (((2, 2), (4, 6)), (), ["2", "4 to 6"]),
        (((2, 10),), ((6, 6), (3, 4)), ["2", "5", "7 to 10"]),
    ],
)
def test_only_what_is_no_longer_covered_is_freed(
    old: tuple[Span, ...], new: tuple[Span, ...], words: list[str]
):
    """
    A span that lost one number is told by that number, however the rest is written.
    """
    assert [in_words(span) for span in freed(old, new)] == words
