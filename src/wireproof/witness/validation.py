"""Values that one version's validation rules accept and the other's refuse.

Found by asking both versions' validators, so the answer is theirs: first what lies at every
boundary that either version states, and, where boundaries do not settle it, what both versions'
rules are built from, and draws.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from google.protobuf.message import EncodeError, Message

from wireproof.changes.kinds import ValidationChanged
from wireproof.changes.options import VALIDATION, option
from wireproof.errors import WireproofError
from wireproof.finding import Witness
from wireproof.schema.elements import MessageType, Oneof
from wireproof.schema.fields import Field
from wireproof.values.check import EVALUATION
from wireproof.values.descriptors import class_of
from wireproof.witness import undecided as undecided_of
from wireproof.witness.boundaries import Fits, Pair
from wireproof.witness.entangled import Entangled
from wireproof.witness.offers import (
    at_boundaries,
    by_rules,
    crossed,
    filled,
    of_fields,
    of_message,
    of_oneof,
)
from wireproof.witness.told import brief, shown
from wireproof.witness.trials import Trial, Trials, Violation

LIMIT = 6000
"""How many messages each stage of a search tries."""

Scope = Callable[[Violation], bool]
"""Whether a violation is about what changed."""


@dataclass(frozen=True, slots=True)
class Search:
    """What a search for a message that the two versions judge differently came to."""

    narrowed: Witness | None = None
    widened: Witness | None = None
    tried: int = 0
    undecided: bool = False
    """Whether nothing was found although the rules differ in what no search exhausts."""

    @property
    def words(self) -> str:
        return f"no value was found on which they differ ({self.tried} tried)"


def search(change: ValidationChanged, trials: Trials) -> Search:
    """Messages with the changed element that only one version accepts."""
    old, new = change.old, change.new
    if isinstance(old, Field) and isinstance(new, Field):
        return of_field(old, new, trials)
    if isinstance(old, Oneof) and isinstance(new, Oneof):
        hunt = _Hunt(trials, (old.message, new.message), (_named(old.name), _named(new.name)))
        hunt.strictly = bool(_entangled(trials, old.message.full_name, new.message.full_name))
        hunt.through(m for side, name in hunt.kinds(old, new) for m in of_oneof(side, name))
        return hunt.result(undecided=False)
    if isinstance(old, MessageType) and isinstance(new, MessageType):
        return _of_message(old, new, trials)
    return Search()


def of_field(old: Field, new: Field, trials: Trials) -> Search:
    """Values of a field that only one version accepts."""
    was, now = trials.old.field(old), trials.new.field(new)
    if was is None or now is None or old.is_extension:
        return Search()  # no validator looks at the rules of an extension
    fields = (was, now)
    pair = Pair(trials.old.constraints.field(fields[0]), trials.new.constraints.field(fields[1]))
    hunt = _Hunt(trials, (old.parent, new.parent), (_at(old.number), _at(new.number)))
    entangled = _entangled(trials, old.holder, new.holder)
    hunt.strictly = bool(entangled)
    for field in fields:
        hunt.through(at_boundaries(field, pair, hunt.fits(field)))
    if entangled:
        hunt.through(entangled.tried())
    # What the message's own rules may make up for is told of the message.
    numbers = old.number, new.number
    undecided = not entangled and undecided_of.of_field(pair, entangled.sides, numbers, trials)
    if undecided and not hunt.done:
        for trial, field in zip(trials, fields, strict=True):
            hunt.through(by_rules(trial, field))
    return hunt.result(undecided=undecided)


def of_value(fields: tuple[Field, Field], value: Any, trials: Trials) -> Search:
    """Whether one *value* of a field is accepted by one version only."""
    hunt = _Hunt(trials, [field.parent for field in fields], [_at(f.number) for f in fields])
    found = (trial.field(field) for trial, field in zip(trials, fields, strict=True))
    kinds = ((one, one.containing_type) for one in found if one is not None)
    told = (filled(class_of(kind), one, value) for one, kind in kinds if kind is not None)
    hunt.through(message for message in told if message is not None)
    return hunt.result(undecided=False)


def _of_message(old: MessageType, new: MessageType, trials: Trials) -> Search:
    switched = any(
        isinstance(_pgv(trial, one), bool) for trial, one in zip(trials, (old, new), strict=True)
    )
    entangled = _entangled(trials, old.full_name, new.full_name)
    scope = _anything if switched else _whole_and(entangled.joining())
    hunt = _Hunt(trials, (old, new), (scope, scope))
    hunt.strictly = bool(entangled)
    if entangled:
        hunt.through(entangled.tried())
    for trial, one in zip(trials, (old, new), strict=True):
        descriptor = trial.schema.message(one.full_name)
        hunt.through(of_message(trial, descriptor))
        if switched:
            hunt.through(of_fields(trial, descriptor))
    hunt.through(crossed(trials, [side.message for side in entangled.sides]))
    return hunt.result(undecided=undecided_of.of_message(entangled.sides, entangled))


def _entangled(trials: Trials, old: str, new: str) -> Entangled:
    """What the message and its fields ask for together, where both changed."""
    return Entangled(*undecided_of.sides(trials, old, new))


def refused(old: str, new: str, scope: Scope, trials: Trials) -> Witness | None:
    """The emptiest message of the *old* type where the *new* type refuses it within *scope*."""
    hunt = _Hunt(trials, (old, new), (lambda _: False, scope))
    kind = trials.old.kind(old)
    if kind is not None:
        hunt.through(of_oneof(kind.DESCRIPTOR, ""))  # type: ignore[arg-type]  # upb's own class
    return hunt.result(undecided=False).narrowed


def about_field(number: int) -> Scope:
    """What is said of the field itself, its items and entries."""
    return _at(number)


def about_oneof(name: str) -> Scope:
    return _named(name)


def _at(number: int) -> Scope:
    return lambda violation: violation.number == number and violation.depth == 1


def _named(name: str) -> Scope:
    return lambda violation: not violation.number and violation.name == name


def _anything(_: Violation) -> bool:
    return True


def _pgv(trial: Trial, message: MessageType) -> Any:
    """PGV's switch of a whole message: `disabled` or `ignored`; None without one."""
    found = (option(message, number, trial.schema.pool) for number in VALIDATION)
    return next((value for value in found if isinstance(value, bool)), None)


def _whole_and(numbers: frozenset[int]) -> Scope:
    """What is said of the message itself, or of those of its fields."""
    return lambda violation: (
        not violation.depth or (violation.depth == 1 and violation.number in numbers)
    )


class _Hunt:
    """Messages judged by both versions until each direction is found."""

    def __init__(self, trials: Trials, holders: Any, scopes: Sequence[Scope]) -> None:
        self.trials = tuple(trials)
        self.names = tuple(getattr(one, "full_name", one) for one in holders)
        self.scopes = scopes
        self.found: list[Witness | None] = [None, None]
        self.tried = 0
        self.strictly = False
        """Whether what other rules of the writer refuse shows nothing: they may say the same."""
        self._seen: set[bytes] = set()

    @property
    def done(self) -> bool:
        return None not in self.found

    def kinds(self, *oneofs: Oneof) -> Iterator[tuple[Any, str]]:
        for trial, full_name, oneof in zip(self.trials, self.names, oneofs, strict=True):
            kind = trial.kind(full_name)
            if kind is not None:
                yield kind.DESCRIPTOR, oneof.name

    def result(self, *, undecided: bool) -> Search:
        narrowed, widened = self.found
        undecided = undecided and narrowed is None and widened is None
        return Search(narrowed, widened, self.tried, undecided)

    def fits(self, field: Any) -> Fits:
        """Which version accepts the items and entries of a list or map."""

        def fits(value: Any) -> tuple[bool, bool]:
            message = filled(class_of(field.containing_type), field, value)
            data = _encoded(message) if message is not None else None
            both = self._judged(data) if data is not None else None
            if both is None:
                return False, False
            was, now = (not any(one.inner for one in told) for told in both)
            return was, now

        return fits

    def through(self, messages: Iterable[Message]) -> None:
        for message in islice(messages, LIMIT):
            if self.done:
                return
            data = _encoded(message)
            if data is None or data in self._seen or (both := self._judged(data)) is None:
                continue
            self._seen.add(data)
            self.tried += 1
            for writer in (0, 1):
                reader = 1 - writer
                differs = not both[writer] and both[reader]
                if differs and self.found[writer] is None and self._writes(writer, data):
                    self.found[writer] = self._witness(writer, data, both[reader][0])

    def _judged(self, data: bytes) -> list[list[Violation]] | None:
        """What each version says within scope; None for what one cannot read."""
        both: list[list[Violation]] = []
        for trial, name, scope in zip(self.trials, self.names, self.scopes, strict=True):
            read = trial.read(name, data)
            told = trial.violations(read) if read is not None else None
            if told is None:
                return None
            # A failed evaluation names nobody, and refuses the message all the same.
            both.append([one for one in told if scope(one) or one.rule == EVALUATION])
        return both

    def _writes(self, writer: int, data: bytes) -> bool:
        """Whether the version knows all fields in *data*: it cannot have set others."""
        read = self.trials[writer].read(self.names[writer], data)
        if read is None:
            return False
        read.DiscardUnknownFields()
        return _encoded(read) == data

    def _witness(self, writer: int, data: bytes, why: Violation) -> Witness | None:
        """None where other rules of its writer see to it that its reader accepts it after all."""
        trial, reader = self.trials[writer], self.trials[1 - writer]
        whole = self._completed(writer, data)
        if whole is not None and not self._refused(1 - writer, whole):
            return None
        data = data if whole is None else whole
        read = trial.read(self.names[writer], data)
        written = brief(shown(read, trial.schema.pool)) if read is not None else None
        alone = whole is None and read is not None and bool(trial.violations(read))
        if alone and self.strictly:
            return None
        note = "shown without what other rules of the message ask for" if alone else ""
        text = f"refused: {why.rule}: {why.text}" if why.text else f"refused: {why.rule}"
        hexed = data.hex() if len(data) <= _SHOWN else ""
        note = note if hexed or not data else f"{len(data):,} bytes; {note}".rstrip("; ")
        return Witness(trial.name, reader.name, hexed, written, text, note)

    def _completed(self, writer: int, data: bytes) -> bytes | None:
        """The same in the smallest message that its writer accepts as a whole."""
        trial, name = self.trials[writer], self.names[writer]
        read = trial.read(name, data)
        if read is None or not trial.violations(read):
            return data
        try:
            least = trial.builder.least(trial.schema.message(name))
        except WireproofError:
            return None
        whole = type(least)()
        whole.CopyFrom(least)
        for field, _ in read.ListFields():
            whole.ClearField(field.name)
        whole.MergeFrom(read)
        return None if self.trials[writer].violations(whole) else _encoded(whole)

    def _refused(self, reader: int, data: bytes) -> bool:
        both = self._judged(data)
        return both is not None and bool(both[reader])


_SHOWN = 1024
"""Longer messages are told by their length."""


def _encoded(message: Message) -> bytes | None:
    try:
        return message.SerializeToString(deterministic=True)
    except (EncodeError, ValueError):
        return None
