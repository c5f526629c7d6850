"""What is the same wherever it stands: numbers, spans and moments that an expression constructs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from google.protobuf.timestamp_pb2 import Timestamp

from wireproof.schema.cel_syntax import Call, Expr, Literal, Several

_PART = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)")
_SPAN = re.compile(rf"([-+]?)((?:{_PART.pattern})+)")
_NANOS: Mapping[str, int] = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
}
_PLACE = re.compile(r"%(?:\.\d+)?[a-zA-Z]")


def constructed(call: Call) -> tuple[str, int] | None:
    """The kind and amount of `duration("1h")`, `timestamp("2020-…")`, `uint(1)`; else None."""
    made = call.args[0] if call.of is None and len(call.args) == 1 else None
    if not isinstance(made, Literal):
        return None
    if call.name in ("int", "uint") and made.text.isdigit():
        return call.name, int(made.text)
    if call.name == "duration" and isinstance(made.value, str):
        return _span(made.value)
    if call.name == "timestamp" and isinstance(made.value, str):
        return _moment(made.value)
    return None


def _span(text: str) -> tuple[str, int] | None:
    found = _SPAN.fullmatch(text)
    if found is None:
        return None
    total = sum(Decimal(amount) * _NANOS[unit] for amount, unit in _PART.findall(found[2]))
    return "duration", int(-total if found[1] == "-" else total)


def _moment(text: str) -> tuple[str, int] | None:
    moment = Timestamp()
    try:
        moment.FromJsonString(text)
    except ValueError:
        return None
    return "timestamp", moment.ToNanoseconds()


def emptiness(expression: Expr) -> bool | None:
    """Whether a text is empty, whatever the values in it; None where that depends on them."""
    if isinstance(expression, Literal):
        return not expression.value if isinstance(expression.value, str) else None
    if isinstance(expression, Several) and expression.what == "+":
        return False if False in map(emptiness, expression.parts) else None
    if isinstance(expression, Call) and expression.name == "format" and expression.of is not None:
        around = expression.of.value if isinstance(expression.of, Literal) else None
        return False if isinstance(around, str) and _PLACE.sub("", around) else None
    return None
