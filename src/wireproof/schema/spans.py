"""Spans of numbers, as reservations and extension ranges have them."""

from __future__ import annotations

from collections.abc import Iterator

Span = tuple[int, int]
"""Numbers from the first up to and with the second."""


def within(number: int, spans: tuple[Span, ...]) -> bool:
    return any(first <= number <= last for first, last in spans)


def freed(old: tuple[Span, ...], new: tuple[Span, ...]) -> list[Span]:
    """The numbers of *old* that *new* no longer covers, as spans."""
    left = list(old)
    for first, last in new:
        left = [piece for span in left for piece in _without(span, first, last)]
    return sorted(left)


def _without(span: Span, first: int, last: int) -> Iterator[Span]:
    start, end = span
    if last < start or first > end:
        yield span
        return
    if start < first:
        yield start, first - 1
    if end > last:
        yield last + 1, end


def in_words(span: Span) -> str:
    first, last = span
    return str(first) if first == last else f"{first} to {last}"
