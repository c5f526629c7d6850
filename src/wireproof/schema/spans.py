"""Spans of numbers, as reservations and extension ranges have them."""

from __future__ import annotations

Span = tuple[int, int]
"""Numbers from the first up to and with the second."""


def within(number: int, spans: tuple[Span, ...]) -> bool:
    return any(first <= number <= last for first, last in spans)
