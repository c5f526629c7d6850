"""A request that chance made, and the trial that sends it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from google.protobuf.message import Message

from wireproof.checks.facts import Kind, plain
from wireproof.strategies.dealt import Choices
from wireproof.testing.coverage import Coverage
from wireproof.testing.generated import Sample
from wireproof.testing.options import Phase
from wireproof.testing.trial import Trial
from wireproof.values import Fault, Invalid

_BREAKS = " breaks "
_VALID = "valid"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawn request; a broken rule and its place where it is invalid."""

    message: Message
    place: str = ""
    rule: str = ""
    faults: tuple[Fault, ...] = ()
    """Every violation, where they are known."""

    @classmethod
    def of_kind(cls, message: Message, kind: str) -> Drawn:
        """*message* as its `kind` describes it."""
        place, _, rule = kind.rpartition(_BREAKS)
        return cls(message, place, rule) if place or rule != _VALID else cls(message)

    @property
    def kind(self) -> str:
        return f"{self.place}{_BREAKS}{self.rule}" if self.rule else _VALID

    @property
    def sample(self) -> Sample:
        return Sample(self.message, plain(self.place), self.rule, self.place)

    @property
    def note(self) -> Mapping[str, Any]:
        """What its exchange knows of it."""
        if not self.rule:
            return {}
        return {"kind": Kind.INVALID, "path": self.place, "rule": self.rule}

    @property
    def size(self) -> int:
        return len(self.message.SerializePartialToString())


class Kept(NamedTuple):
    """A drawn request with the choices that it came from."""

    drawn: Drawn
    choices: Choices


def as_drawn(value: Message | Invalid) -> Drawn:
    """What a strategy drew: a valid message, or one that breaks a rule."""
    if isinstance(value, Invalid):
        return Drawn(value.message, value.place, value.rule, value.faults)
    return Drawn(value)


def trial_of(cover: Coverage, drawn: Drawn) -> Trial:
    """The trial that sends *drawn*, as often as it is run."""
    run = cover.broken(drawn.sample) if drawn.rule else cover.as_it_is(drawn.message)
    payload = drawn.message.SerializePartialToString()
    return Trial(Phase.FUZZING, cover.method, run, "drawn", (payload,), drawn.kind)
