"""Values that one version's validation rules accept and the other's refuse.

Found by asking both versions' validators, so the answer is theirs: boundaries of every rule that
either version states, and what lies just beyond them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from wireproof.changes.kinds import ValidationChanged
from wireproof.changes.options import VALIDATION, option
from wireproof.changes.versions import Versions
from wireproof.finding import Witness
from wireproof.schema.fields import Field
from wireproof.schema.index import Index
from wireproof.witness.boundaries import boundaries
from wireproof.witness.samples import each, put
from wireproof.witness.sides import Side
from wireproof.witness.told import shown

LIMIT = 600
"""How many values a search tries."""
# Rules whose values the boundaries do not exhaust: no counterexample is no proof.
_OPEN = ("pattern", "cel", "cel_expression", "predefined")


@dataclass(frozen=True, slots=True)
class Search:
    """What a search for a value that the two versions judge differently came to."""

    narrowed: Witness | None = None
    widened: Witness | None = None
    tried: int = 0
    undecided: bool = False
    """Whether nothing was found although the rules differ in what no search exhausts."""

    @property
    def words(self) -> str:
        return f"no value was found that only the old rule accepts ({self.tried} tried)"


def search(change: ValidationChanged, versions: Versions) -> Search:
    """Values of the changed field (or messages) that only one version accepts."""
    old = _Judge(Side("old", versions.old_pool), versions.old)
    new = _Judge(Side("new", versions.new_pool), versions.new)
    rules = [_rules(change.old, versions.old_pool), _rules(change.new, versions.new_pool)]
    if not isinstance(change.old, Field) or not isinstance(change.new, Field):
        return Search(undecided=_open(rules))
    narrowed = widened = None
    tried = 0
    for value in each(_values(change.old, old, rules), LIMIT):
        was, now = old.refusal(change.old, value), new.refusal(change.new, value)
        tried += 1
        if was == "" and now and narrowed is None:
            narrowed = _witness(change.old, value, old, new, now)
        if now == "" and was and widened is None:
            widened = _witness(change.new, value, new, old, was)
    undecided = narrowed is None and widened is None and _open(rules)
    return Search(narrowed, widened, tried, undecided)


class _Judge:
    """One version's validator."""

    def __init__(self, side: Side, index: Index) -> None:
        self.side = side
        self._validator = index.schema.validator

    def message(self, field: Field, value: Any) -> Message | None:
        kind, descriptor = self.side.kind(field.holder), self.side.field(field)
        if kind is None or descriptor is None:
            return None
        message = kind()
        if value is not None:
            try:
                put(message, descriptor, value)
            except (TypeError, ValueError):  # not a value of this version's type
                return None
        return message

    def refusal(self, field: Field, value: Any) -> str | None:
        """Why the version refuses *value* in *field*; empty where it does not, None if it cannot
        hold such a value or has no valid rules for it.
        """
        message = self.message(field, value)
        if message is None:
            return None
        from protovalidate import CompilationError  # heavy

        try:
            violations = self._validator.collect_violations(message)
        except (CompilationError, RuntimeError):
            return None
        for violation in violations:
            elements = violation.proto.field.elements if violation.proto.field else []
            if elements and elements[0].field_number == field.number:
                return f"{violation.proto.rule_id}: {violation.proto.message}"
        return ""


def _witness(field: Field, value: Any, writer: _Judge, reader: _Judge, why: str) -> Witness:
    message = writer.message(field, value)
    written = shown(message, writer.side.pool) if message is not None else None
    data = message.SerializePartialToString(deterministic=True).hex() if message is not None else ""
    return Witness(writer.side.name, reader.side.name, data, written, f"refused: {why}")


def _rules(element: Any, pool: Any) -> Any:
    found = (option(element, number, pool) for number in VALIDATION)
    return next((rules for rules in found if rules is not None), None)


def _values(field: Field, judge: _Judge, rules: Iterable[Any]) -> Iterator[Any]:
    descriptor = judge.side.field(field)
    if isinstance(descriptor, FieldDescriptor):
        yield None
        yield from boundaries(descriptor, [one for one in rules if one is not None])


def _open(rules: Iterable[Any]) -> bool:
    stated = [str(one) for one in rules if one is not None]
    return any(name in text for text in stated for name in _OPEN)
