"""Whole numbers: ranges as JSON Schema, for numbers and for texts of digits alike.

ProtoJSON writes 64-bit integers as texts, since a JSON number may lose digits, and takes both.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

RANGES = {
    "int32": (-(2**31), 2**31 - 1),
    "uint32": (0, 2**32 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint64": (0, 2**64 - 1),
}


def integer(kind: str, low: int | None = None, high: int | None = None) -> dict[str, Any]:
    """The values of `int32`, `uint32`, `int64` or `uint64` from *low* to *high*, both included."""
    least, most = RANGES[kind]
    low, high = max(least, least if low is None else low), min(most, most if high is None else high)
    shape: dict[str, Any] = {"type": "integer", "format": kind, "minimum": low, "maximum": high}
    if not kind.endswith("64"):
        return shape
    return shape | {"type": ["string", "integer"], "pattern": digits(low, high)}


def digits(low: int, high: int) -> str:
    """A regular expression for the decimal texts of exactly the numbers from *low* to *high*."""
    if low > high:
        return "^(?!)"
    parts = []
    if low < 0:
        parts += [f"-{part}" for part in _spans(max(1, -high), -low)]
    if high >= 0:
        parts += _spans(max(0, low), high)
    return f"^(?:{'|'.join(parts)})$"


def _spans(low: int, high: int) -> Iterator[str]:
    """Alternatives that together match the numbers from *low* to *high*, neither negative.

    They end where digits run over: from 7 to 4213 at 9, 99, 999, 3999, 4199, 4209 and 4213.
    """
    ends = {high}
    places = 1
    while low <= (end := low - low % 10**places + 10**places - 1) < high:
        ends.add(end)
        places += 1
    places = 1
    while low < (end := high + 1 - (high + 1) % 10**places - 1) <= high:
        ends.add(end)
        places += 1
    for end in sorted(ends):
        yield _alike(str(low), str(end))
        low = end + 1


def _alike(low: str, high: str) -> str:
    """A pattern for all numbers between two of the same length that differ in one run of digits."""
    pattern, free = "", 0
    for a, b in zip(low, high, strict=True):
        if a == b:
            pattern += a
        elif (a, b) == ("0", "9"):
            free += 1
        else:
            pattern += f"[{a}-{b}]"
    return pattern + ("[0-9]" if free == 1 else f"[0-9]{{{free}}}" if free else "")
