"""Whether one message or enum can stand in for another, by what their fields and values carry."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from wireproof.changes.change import Added, Change, Removed
from wireproof.changes.compare_enums import enum_changes
from wireproof.changes.compare_fields import altered_field
from wireproof.changes.compare_messages import altered_message
from wireproof.changes.kinds import FieldAdded, FieldTypeChanged, JsonFormatChanged
from wireproof.changes.matching import Matched
from wireproof.changes.versions import Versions
from wireproof.rules.rule import Break, Flow
from wireproof.schema.elements import EnumType, MessageType
from wireproof.schema.fields import Field

_NO_LOSS = (FieldAdded, JsonFormatChanged)
"""Changes that lose no data, unless what is added is required."""
Judge = Callable[[Change], Iterable[Break]]


class Difference(NamedTuple):
    """On which ways data is lost where one type is written and the other read."""

    wire: Flow = Flow.NONE
    json: Flow = Flow.NONE
    because: str = ""


SAME = Difference()
OTHER = Difference(Flow.BOTH, Flow.BOTH, "the two types have nothing in common")


class Structure:
    """Compares types pairwise with the rules themselves; recursion counts as the same.

    What is found of a pair is the same whatever was compared before.
    """

    def __init__(self, versions: Versions, judge: Judge) -> None:
        self._versions = versions
        self._judge = judge
        self._known: dict[tuple[str, str], Difference] = {}
        self._within: dict[tuple[str, str], Difference] = {}
        """The pairs met while one is compared: those still open are taken as the same."""

    def messages(self, old: str, new: str) -> Difference:
        """What is lost between the old version's message *old* and the new one's *new*."""
        pair = old, new
        if self._within:
            return self._inner(pair)
        if pair not in self._known:
            with self._versions.apart():
                self._known[pair] = self._inner(pair)
            self._within.clear()
        return self._known[pair]

    def _inner(self, pair: tuple[str, str]) -> Difference:
        if pair not in self._within:
            self._within[pair] = SAME
            self._within[pair] = self._compared(*pair)
        return self._within[pair]

    def _compared(self, old: str, new: str) -> Difference:
        was, now = self._versions.old.message(old), self._versions.new.message(new)
        if was is None or now is None:
            return SAME if old == new else OTHER
        same = was.proto == now.proto and was.features == now.features
        return SAME if same and old == new else self._messages(was, now)

    def fields(self, old: Field, new: Field) -> Difference:
        """What is lost where one field is written and the other read in its place."""
        return self._sum(altered_field(old, new, self._versions))

    def inside(self, old: str, new: str) -> Iterator[Change]:
        """What differs between two messages themselves; nothing where one is unknown."""
        was, now = self._versions.old.message(old), self._versions.new.message(new)
        if was is not None and now is not None:
            with self._versions.apart():
                yield from list(altered_message(was, now, self._versions))

    def enums(self, old: str, new: str) -> Difference:
        """What is lost between two enums, value by value."""
        was, now = self._versions.old.enum(old), self._versions.new.enum(new)
        if was is None or now is None:
            return SAME if old == new else OTHER
        matched = Matched(((was, now),), (), (), ())
        return self._sum(enum_changes(matched, self._versions))

    def _messages(self, was: MessageType, now: MessageType) -> Difference:
        if was.fields and now.fields and not (was.by_number.keys() & now.by_number.keys()):
            return OTHER
        found = self._sum(self._inside(was, now))
        if self._versions.new_name(was.full_name) == now.full_name:
            return found  # of one message, extensions are told by themselves
        more = self._extended(was, now)
        because = found.because or more.because
        return Difference(found.wire | more.wire, found.json | more.json, because)

    def _extended(self, was: MessageType, now: MessageType) -> Difference:
        """What extensions of a message lose where another one is read: there they are none."""
        wire, json, because = Flow.NONE, Flow.NONE, ""
        for extension in self._versions.old_extensions(was):
            heir = self._versions.new_extension(now, extension.number)
            if heir is None or heir.json_key != extension.json_key:
                wire |= Flow.OLD_TO_NEW if heir is None else Flow.NONE
                json |= Flow.OLD_TO_NEW if heir is None else Flow.BOTH
                told = "removed" if heir is None else f"became {heir.json_key}"
                because = because or f"extension {extension.json_key} {told}"
        return Difference(wire, json, because)

    def _inside(self, was: MessageType, now: MessageType) -> Iterator[Change]:
        gone, come = _Idle(was), _Idle(now)
        for change in altered_message(was, now, self._versions):
            if change.subject in (come if isinstance(change, Added) else gone):
                continue
            if not isinstance(change, _NO_LOSS) or (
                isinstance(change, FieldAdded) and change.new.required
            ):
                yield change

    def _sum(self, changes: Iterable[Change]) -> Difference:
        wire, json, because = Flow.NONE, Flow.NONE, ""
        for change in changes:
            if because and wire == json == Flow.BOTH:
                break  # nothing is left to lose: trees of expressions would be walked for ever
            for found in self._judge(change):
                # A field that the other type lacks is data that its reader never sees.
                gone = found.rpc & Flow.OLD_TO_NEW if isinstance(change, Removed) else Flow.NONE
                wire |= found.wire | gone
                json |= found.json | gone
                if not because and (found.wire or gone or found.json):
                    because = _told(change, found)
        return Difference(wire, json, because)


class _Idle:
    """What a message declares inside itself and none of its fields holds: it carries no data."""

    def __init__(self, message: MessageType) -> None:
        self._types = {one.full_name: one for one in _nested(message)}
        self._used: set[str] = set()
        waiting = [message]
        while waiting:
            names = {field.type_name for field in waiting.pop().fields} & self._types.keys()
            fresh = [self._types[name] for name in names - self._used]
            self._used |= names
            waiting += [one for one in fresh if isinstance(one, MessageType)]

    def __contains__(self, subject: str) -> bool:
        while subject and subject not in self._types:
            subject = subject.rpartition(".")[0]
        return bool(subject) and subject not in self._used


def _nested(message: MessageType) -> Iterator[MessageType | EnumType]:
    yield from message.enums
    for one in message.messages:
        yield one
        yield from _nested(one)


def _told(change: Change, found: Break) -> str:
    """What differs, told where it does: inside of a field whose type is built otherwise."""
    name = change.subject.rsplit(".", 1)[-1]
    inside = isinstance(change, FieldTypeChanged) and change.old.kind == change.new.kind
    return f"{name}.{found.because}" if inside and found.because else f"{name} {change.words}"
