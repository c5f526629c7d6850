"""What the plugin offers: the rules and categories that buf.yaml may name.

buf asks for them four times a run, so they are read from `rules.json` and not from the rules, whose
import costs ten times as much. `python -m wireproof.buf_plugin.listing` writes the file anew; a
test holds it against the table.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from wireproof.buf_plugin.rpc import PluginError
from wireproof.buf_plugin.wire import Malformed, data, fields, number

PREFIX = "WIREPROOF_"
"""Before every id: buf's own ids and other plugins' share one name space."""
LINT, BREAKING = 1, 2
"""The types of rules in buf's protocol."""
_PAGE = 250
LISTING = Path(__file__).with_name("rules.json")

CATEGORIES = {
    "WIREPROOF": "Everything that breaks somebody, as Wireproof judges it.",
    "WIREPROOF_EXTRA": "What breaks somebody and no rule of buf looks at.",
    "WIREPROOF_PROMISE": "What annotations promise: validation, HTTP mappings, options.",
    "WIREPROOF_WARNING": "What breaks nobody yet and makes a later break likely.",
    "WIREPROOF_LINT": "What a well-made schema does not say, beyond style.",
    "WIREPROOF_TASTE": "Lint that is a matter of taste.",
}


@dataclass(frozen=True, slots=True)
class Offered:
    """One rule as buf lists it; *default* where it runs without being named."""

    id: str
    categories: tuple[str, ...]
    default: bool
    purpose: str
    type: int = BREAKING


@cache
def offered() -> tuple[Offered, ...]:
    rows = json.loads(LISTING.read_text(encoding="utf-8"))
    return tuple(Offered(**{**row, "categories": tuple(row["categories"])}) for row in rows)


def list_rules(request: bytes) -> bytes:
    """A `ListRulesResponse`; raises PluginError for a page that does not exist."""
    return _page([_rule(one) for one in offered()], request)


def list_categories(request: bytes) -> bytes:
    """A `ListCategoriesResponse`; raises PluginError for a page that does not exist."""
    return _page([data(1, id_) + data(2, said) for id_, said in CATEGORIES.items()], request)


def _rule(one: Offered) -> bytes:
    categories = b"".join(data(2, category) for category in one.categories)
    told = number(3, int(one.default)) + data(4, one.purpose) + number(5, one.type)
    return data(1, one.id) + categories + told


def _page(rows: list[bytes], request: bytes) -> bytes:
    size, start = _asked(request)
    if start > len(rows):
        raise PluginError(f"there is no page that starts at {start}, only {len(rows)} entries")
    end = start + (size or _PAGE)
    token = data(1, str(end)) if end < len(rows) else b""
    return token + b"".join(data(2, row) for row in rows[start:end])


def _asked(request: bytes) -> tuple[int, int]:
    """The page size (0: ours) and the entry that the page starts with."""
    size, token = 0, b"0"
    try:
        for field, value in fields(request):
            if field == 1 and isinstance(value, int):
                size = value
            elif field == 2 and isinstance(value, bytes):
                token = value or b"0"
    except Malformed as error:
        raise PluginError(f"the list request cannot be read: {error}") from error
    if not token.isdigit():
        raise PluginError(f"unknown page token {token.decode('utf-8', 'replace')!r}")
    return size, int(token)
