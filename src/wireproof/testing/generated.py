"""Messages from descriptors, in the shape that the phases want them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from wireproof import values
from wireproof.checks.compare import Paths
from wireproof.checks.facts import plain
from wireproof.schema.schema import Schema


@dataclass(frozen=True, slots=True)
class Sample:
    """A message made for a purpose."""

    message: Message
    path: str
    """The field that it is about, without subscripts; empty for the whole message."""
    rule: str = ""
    """The rule that it breaks; empty for a valid one."""
    place: str = ""
    """Where it breaks it, with subscripts."""
    unset: bool = False
    """Whether it is about the absence of the field."""

    @property
    def keep(self) -> Paths:
        """What must not be changed if the message is to serve its purpose."""
        return frozenset({self.path}) if self.path else frozenset()


def least(schema: Schema, descriptor: Descriptor) -> Message:
    """A valid message with nothing set that need not be. Raises values.Unsatisfiable."""
    return copied(_least(schema, descriptor.full_name))


def full(schema: Schema, descriptor: Descriptor) -> Message:
    """A valid message with everything set that may be. Raises values.Unsatisfiable."""
    return copied(_full(schema, descriptor.full_name))


def valid_samples(schema: Schema, descriptor: Descriptor, base: Message) -> Iterator[Sample]:
    """Valid variations of *base*: each field, enum value, branch and edge of a rule."""
    for case in values.coverage(schema, descriptor, base=base):
        yield Sample(case.message, plain(case.path), unset=case.aspect.startswith("unset"))


def invalid_samples(
    schema: Schema, descriptor: Descriptor, base: Message, *, turn: int = 0
) -> Iterator[Sample]:
    """Variations of *base* that break one rule each; later turns break it in another way."""
    for case in values.invalid(schema, descriptor, base=base, turn=turn):
        if not case.implied:
            yield Sample(case.message, plain(case.path), case.rule, case.place)


def copied(message: Message) -> Message:
    copy = type(message)()
    copy.CopyFrom(message)
    return copy


@lru_cache(maxsize=512)
def _least(schema: Schema, full_name: str) -> Message:
    message: Message = values.valid(schema, schema.message(full_name))
    return message


@lru_cache(maxsize=512)
def _full(schema: Schema, full_name: str) -> Message:
    cases = values.coverage(schema, schema.message(full_name))
    found = next((case.message for case in cases if case.aspect == "full"), None)
    return _least(schema, full_name) if found is None else found
