"""Values that no earlier call has used, where rules allow them: a second create needs them."""

from __future__ import annotations

import datetime as dt
import random
import re
import string
from collections.abc import Callable, Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from wireproof.testing import names
from wireproof.testing.hints import likely
from wireproof.testing.shapes import is_map, messages_in

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

_PLACE = re.compile(r"\{(?:#|uuid|day)?\}")

_FIRST_DAY = dt.date(2030, 3, 17)
"""As the times of hints: to come, and asked of no clock."""

Keeps = Callable[[Message], bool]
"""Whether a message keeps every rule of its schema."""

_CLASSES = (string.ascii_lowercase, string.ascii_uppercase, string.digits)
_INTEGERS = {
    FieldDescriptor.TYPE_INT32: 2**31,
    FieldDescriptor.TYPE_UINT32: 2**31,
    FieldDescriptor.TYPE_INT64: 2**53,
    FieldDescriptor.TYPE_UINT64: 2**53,
}


class Fresh:
    """A source of fresh values: the same seed gives the same ones, in the same order."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(f"fresh {seed}")  # noqa: S311 - no secrets, and replayable
        self._count = self._days = 0
        self._stem = self._letters(5)

    def turn(self) -> None:
        """Leave the values of this seed behind: somebody has used them before."""
        self._stem = self._letters(6)

    def token(self) -> str:
        """A short word that no earlier call of this run has used."""
        self._count += 1
        return f"{self._stem}{_base36(self._count)}"

    def filled(self, pattern: str) -> str:
        """*pattern* with `{}` for a fresh word, `{#}` for digits, `{uuid}` for a UUID, `{day}`."""
        digits = f"{self._random.randrange(10**6, 10**7)}"
        kinds = {"{}": self.token, "{#}": lambda: digits, "{uuid}": self._uuid, "{day}": self._day}
        return _PLACE.sub(lambda place: kinds[place[0]](), pattern)

    def text(self, like: str) -> Iterator[str]:
        """Fresh texts, the likeliest to keep the rules that *like* keeps first."""
        token = self.token()
        yield token + like
        yield token + like[len(token) :]
        yield self._masked(like)
        yield token
        yield self._uuid()

    def text_as_long(self, like: str) -> Iterator[str]:
        """Fresh texts of the same length and kind."""
        yield self._masked(like)
        yield self._masked(like)

    def id_like(self, known: str) -> Iterator[str]:
        """Identifiers that look like a *known* one: `shelves/7` keeps its collection."""
        collection, slash, last = known.rpartition("/")
        if last.isdecimal():  # servers that count have given the small ones, or will
            yield f"{collection}{slash}{self._random.randrange(10**8, 10**9)}"
        yield collection + slash + (self._uuid() if _UUID.fullmatch(last) else self._masked(last))
        yield collection + slash + self._masked(last)
        yield from self.text(known)

    def number(self, kind: int) -> Iterator[int]:
        """Fresh integers for a field of that type."""
        limit = _INTEGERS.get(kind, 2**31)
        yield self._random.randrange(1, limit)
        yield self._random.randrange(1, 10**6)
        yield self._random.randrange(1, 100)

    def _masked(self, like: str) -> str:
        """Every letter and digit another of its class: the length and the format stay."""
        return "".join(
            next((self._random.choice(c) for c in _CLASSES if letter in c), letter)
            for letter in like
        )

    def _day(self) -> str:
        self._days += 1
        return (_FIRST_DAY + dt.timedelta(self._days)).isoformat()

    def _letters(self, length: int) -> str:
        return "".join(self._random.choice(string.ascii_lowercase) for _ in range(length))

    def _uuid(self) -> str:
        digits = f"{self._random.getrandbits(128):032x}"
        version = f"4{digits[13:16]}"
        variant = f"{'89ab'[int(digits[16], 16) % 4]}{digits[17:20]}"
        return "-".join((digits[:8], digits[8:12], version, variant, digits[20:]))


def freshened(
    whole: Message,
    part: Message,
    fresh: Fresh,
    keeps: Keeps,
    *,
    keep: frozenset[str] = frozenset(),
    gently: bool = False,
) -> None:
    """Give the texts in *part* (of *whole*, in place) fresh values that keep the rules.

    *keep* names paths in *part* that stay as they are; *gently* keeps the lengths. Enum-like texts
    stay too: where no fresh value keeps the rules, the old one does.
    """
    for path, message in messages_in(part):
        for field, value in message.ListFields():
            below = f"{path}.{field.name}".lstrip(".").replace("[]", "")
            if below in keep or field.message_type or is_map(field) or field.is_repeated:
                continue
            if field.type == FieldDescriptor.TYPE_STRING:
                texts = fresh.text_as_long(value) if gently else fresh.text(value)
                if names.is_code(field.name):
                    texts = iter([*likely(field), value])
                _replace(whole, message, field.name, texts, keeps)


def freshen_id(whole: Message, holder: Message, name: str, fresh: Fresh, keeps: Keeps) -> None:
    """Give one identifying field a fresh value of its type."""
    field = holder.DESCRIPTOR.fields_by_name[name]
    value = getattr(holder, name)
    if field.type == FieldDescriptor.TYPE_STRING:
        _replace(whole, holder, name, fresh.id_like(value), keeps)
    elif field.type == FieldDescriptor.TYPE_BYTES:
        _replace(whole, holder, name, iter([fresh.token().encode()]), keeps)
    elif field.type in _INTEGERS:
        _replace(whole, holder, name, fresh.number(field.type), keeps)


def _replace(
    whole: Message, message: Message, name: str, candidates: Iterator[Any], keeps: Keeps
) -> None:
    before = getattr(message, name)
    for candidate in candidates:
        setattr(message, name, candidate)
        if keeps(whole):
            return
    setattr(message, name, before)


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = f"{string.digits}{string.ascii_lowercase}"[rest] + digits
    return digits.rjust(2, "0")
