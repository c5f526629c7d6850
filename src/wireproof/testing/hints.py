"""What a field may hold where no rule says it: by the words of its name, and by its type.

Tried only where a server has refused what its schema allows. A text is a pattern: `{}` stands for
a fresh word, `{#}` for fresh digits, `{uuid}` for a fresh UUID, `{day}` for a day to come that is
later than all before: what begins on one ends on the next, and no two spans of days overlap.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from wireproof.testing.names import words
from wireproof.testing.shapes import TIME, type_name
from wireproof.values.integers import INTEGERS

_TEXTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("e?mail", ("{}@example.com",)),
    ("phone|mobile|msisdn|fax", ("+1555{#}",)),
    ("currency", ("USD", "usd")),
    ("country|region|territory", ("US", "USA")),
    ("language|locale|lang", ("en", "en-US")),
    ("time ?zone|tz", ("Europe/Berlin",)),
    ("iban", ("DE89370400440532013000",)),
    ("bic|swift", ("DEUTDEFF",)),
    ("u?uid|guid|id", ("{uuid}", "{#}")),
    ("ur[il]|link|href|callback|webhook|endpoint|image|avatar", ("https://example.com/{}",)),
    ("host|hostname|domain|fqdn", ("{}.example.com",)),
    ("ip|address|addr", ("192.0.2.1", "192.0.2.1:8080", "1 Main Street")),
    ("mac", ("02:00:5e:10:00:01",)),
    ("cidr|subnet|prefix", ("192.0.2.0/24",)),
    ("password|secret|passphrase|pin", ("Pa55word-{}!", "{#}")),
    ("sha ?256|digest|checksum|hash", ("0123456789abcdef" * 4,)),
    ("md5|etag", ("0123456789abcdef" * 2,)),
    ("birthday|birth ?date|dob|born", ("2004-01-31",)),
    ("date|day|arrival|departure|check ?in|check ?out", ("{day}", "2024-01-31")),
    ("month", ("2024-01",)),
    ("time|at|timestamp|when|since|until|expires?", ("2024-01-31T12:00:00Z", "{day}")),
    ("from|to|start|starts|begin|begins|end|ends|due", ("{day}",)),
    ("duration|ttl|timeout|interval|period", ("60s", "1m")),
    ("cron|schedule", ("0 * * * *",)),
    ("version|release", ("1.0.0", "v1")),
    ("colou?r", ("#336699",)),
    ("zip|postal|postcode", ("10115",)),
    ("card|pan|number", ("4242424242424242", "{#}")),
    ("last ?4|last ?four|cvc|cvv", ("4242", "123")),
    ("lat(itude)?|lng|lon(gitude)?", ("12.5",)),
    ("mime|content ?type|media ?type", ("text/plain",)),
    ("file|path|filename|key", ("{}.txt", "/{}")),
    ("json|payload|data|body|config", ("{ }",)),
    ("query|filter|expression|sql", ("", "{}")),
    ("amount|price|total|balance|quantity|cost", ("10.00", "10")),
    ("symbol|ticker|sku|code", ("ABC", "ABC-{#}", "{#}")),
    ("slug|user ?name|login|handle|bucket|tag", ("{}",)),
)
_ANY_TEXT = ("{}", "{uuid}", "{#}", "ABC", "{}-{}-{}-{}", "https://example.com/{}", "things/{}", "")

_NUMBERS: tuple[tuple[str, tuple[int, ...]], ...] = (
    ("nanos?|nanoseconds?|offset|skip", (0,)),
    ("year", (2030,)),
    ("month|day|hour|week", (6,)),
    ("port", (8080,)),
    ("lat(itude)?|lng|lon(gitude)?", (1,)),
    ("time|at|timestamp|seconds|epoch|since|until|expires?", (1_900_000_000,)),
    ("millis|ms", (1_900_000_000_000,)),
)
_ANY_NUMBER = (1, 2, 10, 100, 1000, 0, 5, 50, 18, 2030, 65536)
_ANY_FLOAT = (1.0, 0.5, 10.0, 0.0, 100.0)
_TIMES = (1_900_000_000, 1_577_836_800, 1_800_000_000)
"""Seconds: a time to come, one past, another to come. No clock is asked: a run is replayable."""
_FIRST = re.compile(r"^(from|start|begin|since|after|min|low|lower|opens?|valid from)\b")
_SPANS = (60, 1, 3600, 86_400)
_FLOATING = (FieldDescriptor.TYPE_FLOAT, FieldDescriptor.TYPE_DOUBLE)


def likely(field: FieldDescriptor) -> Iterator[Any]:
    """What the name of a scalar or a span of time suggests; nothing where it suggests nothing."""
    name = " ".join(words(field.name))
    if field.type == FieldDescriptor.TYPE_STRING:
        yield from _suggested(name, _TEXTS)
    elif field.cpp_type in INTEGERS:
        yield from _suggested(name, _NUMBERS)
    elif type_name(field) == TIME:
        yield _TIMES[1] if _FIRST.match(name) else _TIMES[0]


def possible(field: FieldDescriptor) -> Iterator[Any]:
    """What a field of that type may hold, the likeliest first; texts are patterns."""
    yield from likely(field)
    if field.enum_type:
        yield from [value.number for value in field.enum_type.values if value.number][:6]
    elif field.type == FieldDescriptor.TYPE_STRING:
        yield from _ANY_TEXT
    elif field.type == FieldDescriptor.TYPE_BYTES:
        yield from (b"abc", bytes(range(16)), bytes(range(32)), b"")
    elif field.type == FieldDescriptor.TYPE_BOOL:
        yield from (True, False)
    elif field.type in _FLOATING:
        yield from _ANY_FLOAT
    elif field.cpp_type in INTEGERS:
        yield from _ANY_NUMBER
    elif type_name(field) == TIME:
        yield from _TIMES
    elif type_name(field) == "google.protobuf.Duration":
        yield from _SPANS


def _suggested(name: str, rows: tuple[tuple[str, tuple[Any, ...]], ...]) -> Iterator[Any]:
    for pattern, suggested in rows:
        if re.search(rf"\b({pattern})\b", name):
            yield from suggested
