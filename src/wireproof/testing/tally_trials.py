"""Trials of calls that are counted by kind: each is counted under its own, as readers tell it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message

from wireproof.checks.actions import CountedAs
from wireproof.checks.observations import Observation
from wireproof.exchange import Method, Style
from wireproof.testing import counting_names, names
from wireproof.testing.options import Phase
from wireproof.testing.session import Session
from wireproof.testing.shapes import at, is_map, is_plain, singular_messages
from wireproof.testing.trial import Trial
from wireproof.values.integers import INTEGERS

_KINDS = 4
"""Values of an enum that are counted."""


@dataclass(frozen=True, slots=True)
class Tally:
    """A call about some subject, of some kind, and the reader that counts such calls by kind."""

    method: Method
    kind: str
    """Where the request says of which kind it is."""
    subject: str
    """Where it says what it is about, as the reader's request does by the same name."""
    values: EnumDescriptor
    reader: Method
    told: str
    """The map of the reader's reply."""


def tallied(session: Session, targets: frozenset[str]) -> Iterator[Trial]:
    """A trial of every method whose calls some reader counts by an enum."""
    for method in session.api.methods:
        if method.style is Style.UNARY and method.full_name in targets:
            for reader in session.api.methods:
                for tally in _tallies(method, reader):
                    run = partial(_counted, tally=tally)
                    yield Trial(Phase.STATEFUL, method, run, f"tallied {tally.kind} {tally.told}")


def _tallies(method: Method, reader: Method) -> Iterator[Tally]:
    asked = reader.takes.fields
    maps = [f.name for f in reader.gives.fields if _is_tally(f)]
    if reader.style is not Style.UNARY or reader == method or len(asked) != 1 or not maps:
        return
    fields = dict(_fields(method.takes))
    subject = next((p for p, f in fields.items() if f.name == asked[0].name and _is_text(f)), None)
    for path, field in fields.items():
        if field.enum_type is not None and subject is not None and _is_text(asked[0]):
            yield Tally(method, path, subject, field.enum_type, reader, maps[0])


def _is_tally(field: FieldDescriptor) -> bool:
    """Whether a map counts by a text, by its name."""
    entry: Any = field.message_type if is_map(field) else None
    if entry is None or not counting_names.is_tally(field.name):
        return False
    kinds = entry.fields_by_name
    return _is_text(kinds["key"]) and kinds["value"].cpp_type in INTEGERS


def _is_text(field: FieldDescriptor) -> bool:
    return is_plain(field) and field.type == FieldDescriptor.TYPE_STRING


def _fields(request: Descriptor) -> Iterator[tuple[str, FieldDescriptor]]:
    """The plain fields of a request, and of the messages in it."""
    yield from ((field.name, field) for field in request.fields if is_plain(field))
    for inner in singular_messages(request):
        for field in inner.message_type.fields if inner.message_type is not None else ():
            if is_plain(field):
                yield f"{inner.name}.{field.name}", field


def _counted(session: Session, tally: Tally) -> Iterator[Observation]:
    """One call of each kind, about something of its own: the one kind that is counted is its."""
    for value in [value for value in tally.values.values if value.number][:_KINDS]:
        token = session.fresh.token()
        request = session.base(tally.method)
        _put(request, tally.kind, value.number)
        _put(request, tally.subject, token)
        if not session.requests.keeps(request):
            return
        x = session.call(tally.method, request)
        asked: Any = session.base(tally.reader)
        setattr(asked, tally.reader.takes.fields[0].name, token)
        read = session.call(tally.reader, asked)
        reply = next(read.replies(), None) if x.ok and read.ok else None
        counts = {key: n for key, n in getattr(reply, tally.told).items() if n} if reply else {}
        kinds = {str(_meant(key, tally.values)) for key in counts}
        if list(counts.values()) == [1] and kinds != {"None"}:
            yield CountedAs(tally.method, (x, read), tally.told, str(value.name), kinds.pop())


def _put(request: Message, path: str, value: Any) -> None:
    parents, _, name = path.rpartition(".")
    setattr(at(request, parents), name, value)


def _meant(key: str, values: EnumDescriptor) -> str | None:
    """The value of an enum that a key names: whole, or without the words that all values have."""
    said = names.words(key)
    found = [
        str(v.name) for v in values.values if said and names.words(v.name)[-len(said) :] == said
    ]
    return key if key in values.values_by_name else found[0] if len(found) == 1 else None
