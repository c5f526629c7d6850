"""Whether two versions' rules differ in what no search exhausts, where none has found a value."""

from __future__ import annotations

from typing import Any

from wireproof.witness.boundaries import Pair
from wireproof.witness.cel_logic import same
from wireproof.witness.cel_renamed import held_by, renamed
from wireproof.witness.entangled import Entangled, Side, ask_alike
from wireproof.witness.equal import (
    expressions,
    holds_floats,
    may_be_nan,
    unsettled,
    with_messages,
)
from wireproof.witness.trials import Trials


def sides(trials: Trials, old: str, new: str) -> tuple[Side, Side]:
    """Both versions of a message with their rules."""
    was, now = zip(trials, (old, new), strict=True)
    return _side(*was), _side(*now)


def _side(trial: Any, name: str) -> Side:
    return Side(trial.schema.message(name), trial.constraints)


def of_field(pair: Pair, both: tuple[Side, Side], numbers: tuple[int, int], trials: Trials) -> bool:
    """Of the rules of a field, by its number in either version."""
    was, now = (s.message.fields_by_number[n] for s, n in zip(both, numbers, strict=True))
    floats = may_be_nan(was) or may_be_nan(now)
    if ask_alike(both, (was, now), floats=floats):
        return False
    held = held_by(was), held_by(now)
    return unsettled(with_messages(pair, (was, now), trials), held, floats=floats)


def of_message(both: tuple[Side, Side], entangled: Entangled) -> bool:
    """Of what a message asks itself."""
    was, now = (side.message for side in both)
    floats = holds_floats(was) or holds_floats(now)
    told = [expressions(side.constraints.message(side.message).cel, floats=floats) for side in both]
    if same(renamed(told[0], (was, now)), told[1]):
        return False
    return not entangled.settled(floats=floats)
