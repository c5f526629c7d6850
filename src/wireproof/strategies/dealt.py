"""Messages from a seed, with the choices behind each: fast to make, and Hypothesis can shrink them.

Hypothesis costs about a millisecond an example. A message that shows nothing needs no shrinking, so
a seeded generator deals the choices that `messages` would draw; for the one message that shows
something, they are left in Hypothesis's database, where it finds and shrinks them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from random import Random
from typing import Any, NamedTuple, Protocol

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message
from hypothesis import reject
from hypothesis import strategies as st
from hypothesis.database import ExampleDatabase, choices_from_bytes, choices_to_bytes
from hypothesis.strategies import SearchStrategy

from wireproof.schema.schema import Schema
from wireproof.strategies.choices import Dealt, Drawn, Hypothesis
from wireproof.values.api import builder_of
from wireproof.values.drawn import Spoiler
from wireproof.values.goals import DEPTH
from wireproof.values.source import Seeded

Choices = Sequence[Any]


class Example(NamedTuple):
    """What was drawn, and the choices that it came from."""

    value: Any
    """A valid message or `values.Invalid`; None where none was found that fits."""
    choices: list[Any]


class Fit(Protocol):
    """Puts into a message what its maker knows better than chance, such as names that exist."""

    def __call__(self, message: Message, *, sure: bool) -> Message | None:
        """A valid one, or None; only where one is *sure* that *message* is valid, much is tried."""


def dealt(
    schema: Schema,
    descriptor: Descriptor,
    seed: str,
    *,
    invalid: bool = False,
    fit: Fit | None = None,
) -> Iterator[Example]:
    """Examples without end, the same for the same *seed*; none where no rule can be broken.

    Raises Unsatisfiable, UnusableRules.
    """
    draw = _drawing(schema, descriptor, invalid=invalid)
    random = Random(seed)  # noqa: S311  # tests are to be replayable, not secret
    source = Seeded(random)
    while draw is not None:
        hand = Dealt(random, source)
        yield Example(draw(Drawn(hand), fit), hand.choices)


def drawn_again(
    schema: Schema, descriptor: Descriptor, *, invalid: bool = False, fit: Fit | None = None
) -> SearchStrategy[Any]:
    """What makes the values of `dealt` of their choices, and shrinks them."""
    making = _drawing(schema, descriptor, invalid=invalid)

    @st.composite
    def one(draw: Any) -> Any:
        value = making(Drawn(Hypothesis(draw)), fit) if making is not None else None
        return reject() if value is None else value

    return one()


@lru_cache(maxsize=512)
def _drawing(
    schema: Schema, descriptor: Descriptor, *, invalid: bool
) -> Callable[[Drawn, Fit | None], Any] | None:
    builder, root = builder_of(schema), schema.message(descriptor.full_name)
    if invalid:
        spoiler = Spoiler(builder, root, DEPTH)
        return (lambda drawn, _: spoiler.draw(drawn)) if spoiler.templates else None
    builder.least(root)

    def valid(drawn: Drawn, fit: Fit | None) -> Message | None:
        message = builder.raw(root, drawn, DEPTH)
        if fit is None:
            return builder.sound(message, drawn)
        fitting = fit(message, sure=False)  # what goes together is sometimes known to it alone
        if fitting is None:
            fitting = fit(builder.sound(message, drawn), sure=True)
        return fitting

    return valid


def keep(database: ExampleDatabase, key: bytes, choices: Choices) -> None:
    """Leave *choices* where Hypothesis looks for what is still to be shrunk."""
    database.save(key + _UNSHRUNK, choices_to_bytes(choices))


_UNSHRUNK = b".secondary"
"""What lies under the key itself it takes for as small as can be."""


def kept(
    database: ExampleDatabase,
    key: bytes,
    schema: Schema,
    descriptor: Descriptor,
    *,
    invalid: bool,
    fit: Fit | None = None,
) -> Iterator[tuple[bytes, Any]]:
    """What was shrunk under *key*, as far as it still makes a message: (entry, drawn)."""
    draw = _drawing(schema, descriptor, invalid=invalid)
    for entry in sorted(database.fetch(key), key=lambda data: (len(data), data)):
        choices = choices_from_bytes(entry)
        if draw is not None and choices is not None:
            try:
                value = draw(Drawn(_Told(iter(choices))), fit)
            except _Misfit:
                continue
            if value is not None:
                yield entry, value


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
