"""Messages from a seed, with the choices behind each: fast to make, and Hypothesis can shrink them.

Hypothesis costs about a millisecond an example. A message that shows nothing needs no shrinking, so
a seeded generator deals the choices that `messages` would draw; for the one message that shows
something, they are left in Hypothesis's database, where it finds and shrinks them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from random import Random
from typing import Any, NamedTuple

from google.protobuf.descriptor import Descriptor
from hypothesis.database import ExampleDatabase, choices_from_bytes, choices_to_bytes

from wireproof.schema.schema import Schema
from wireproof.strategies.choices import Dealt, Drawn
from wireproof.values.api import builder_of
from wireproof.values.drawn import Spoiler
from wireproof.values.goals import DEPTH
from wireproof.values.source import Seeded

Choices = tuple[Any, ...]


class Example(NamedTuple):
    """What was drawn (a message, or `values.Invalid`), and the choices that it came from."""

    value: Any
    choices: Choices


def dealt(
    schema: Schema, descriptor: Descriptor, seed: str, *, invalid: bool = False
) -> Iterator[Example]:
    """Examples without end, the same for the same *seed*; none where no rule can be broken.

    Raises Unsatisfiable, UnusableRules.
    """
    draw = _drawing(schema, descriptor, invalid=invalid)
    random = Random(seed)  # noqa: S311  # tests are to be replayable, not secret
    source = Seeded(random)
    while draw is not None:
        hand = Dealt(random, source)
        value = draw(Drawn(hand))
        yield Example(value, tuple(hand.choices))


@lru_cache(maxsize=512)
def _drawing(
    schema: Schema, descriptor: Descriptor, *, invalid: bool
) -> Callable[[Drawn], Any] | None:
    builder, root = builder_of(schema), schema.message(descriptor.full_name)
    if not invalid:
        builder.least(root)
        return lambda drawn: builder.draw(root, drawn, DEPTH)
    spoiler = Spoiler(builder, root, DEPTH)
    return spoiler.draw if spoiler.templates else None


def keep(database: ExampleDatabase, key: bytes, choices: Choices) -> None:
    """Leave *choices* where Hypothesis looks for what is still to be shrunk."""
    database.save(key + _UNSHRUNK, choices_to_bytes(choices))


_UNSHRUNK = b".secondary"
"""What lies under the key itself it takes for as small as can be."""


def kept(
    database: ExampleDatabase, key: bytes, schema: Schema, descriptor: Descriptor, *, invalid: bool
) -> Iterator[tuple[bytes, Any]]:
    """What was shrunk under *key*, as far as it still makes a message: (entry, drawn)."""
    draw = _drawing(schema, descriptor, invalid=invalid)
    for entry in sorted(database.fetch(key), key=lambda data: (len(data), data)):
        choices = choices_from_bytes(entry)
        if draw is not None and choices is not None:
            try:
                yield entry, draw(Drawn(_Told(iter(choices))))
            except _Misfit:
                continue


class _Misfit(Exception):
    """Choices of another schema."""


class _Told:
    """A hand that repeats the choices of an earlier example."""

    def __init__(self, choices: Iterator[Any]) -> None:
        self._choices = choices

    def raw(self) -> bytes:
        return self._next(bytes)  # type: ignore[no-any-return]

    def whole(self, low: int, high: int) -> int:
        told: int = self._next(int)
        return min(max(told, low), high)

    def floating(self, low: float, high: float, single: bool, nan: bool) -> float:  # noqa: ARG002
        return self._next(float)  # type: ignore[no-any-return]

    def text(self, alphabet: Any, low: int, high: int) -> str:  # noqa: ARG002
        told: str = self._next(str)
        if not low <= len(told) <= high:
            raise _Misfit
        return told

    def _next(self, kind: type) -> Any:
        told = next(self._choices, None)
        if type(told) is not kind:
            raise _Misfit
        return told
