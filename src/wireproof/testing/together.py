"""Variations of several fields in one request: one call for many, divided where something shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message

from wireproof.checks.compare import copy_at, inside, is_set, value_at
from wireproof.testing.generated import Sample, copied
from wireproof.testing.replay import Replay

_TRIES = 3
"""Requests that a variation is tried in before it has one of its own."""

Keeps = Callable[[Message], bool]
"""Whether a message keeps every rule of its schema."""


@dataclass(frozen=True, slots=True)
class Group:
    """A valid request with the variations of all *samples*."""

    message: Message
    samples: tuple[Sample, ...]

    def holding(self, sample: Sample) -> Group:
        """The group with one more, which may not stand beside the others."""
        message = copied(self.message)
        copy_at(sample.message, message, _field(sample))
        return Group(message, (*self.samples, sample))

    def sound(self, keeps: Keeps) -> bool:
        """Whether every variation is there (a branch of a oneof clears the others)."""
        return keeps(self.message) and all(_stands(one, self.message) for one in self.samples)

    def room(self, sample: Sample) -> bool:
        """Whether nothing is varied at, around or in its field, and what holds the field is set."""
        field = _field(sample)
        holder = field.rpartition(".")[0]
        if holder and not is_set(self.message, holder):
            return False
        return not any(inside(field, frozenset({_field(one)})) for one in self.samples)


def _field(sample: Sample) -> str:
    """What is varied, lists and maps as a whole."""
    kind: Any = sample.message.DESCRIPTOR
    names: list[str] = []
    for name in sample.path.split("."):
        names.append(name)
        field = kind.fields_by_name[name]
        if field.is_repeated:
            break
        kind = field.message_type
    return ".".join(names)


def _stands(sample: Sample, message: Message) -> bool:
    path = _field(sample)
    there, wanted = is_set(message, path), is_set(sample.message, path)
    return there == wanted and value_at(message, path) == value_at(sample.message, path)


def grouped(samples: Iterable[Sample], keeps: Keeps) -> list[Group]:
    """As few requests as will hold all *samples*, each next to variations of other fields."""
    groups: list[Group] = []
    for sample in samples:
        if not _joined(groups, sample, keeps):
            groups.append(Group(sample.message, (sample,)))
    return groups


def _joined(groups: list[Group], sample: Sample, keeps: Keeps) -> bool:
    free = (at for at, group in enumerate(groups) if group.room(sample))
    for at, _ in zip(free, range(_TRIES), strict=False):
        more = groups[at].holding(sample)
        if more.sound(keeps):
            groups[at] = more
            return True
    return False


def halves(group: Group) -> Sequence[Group]:
    """The same variations in two requests."""
    middle = len(group.samples) // 2
    return [_of(part) for part in (group.samples[:middle], group.samples[middle:])]


def parted(group: Group, paths: Collection[str]) -> tuple[tuple[Sample, ...], Group | None]:
    """The variations of the fields at *paths*, and the others in one request; None for no other."""
    apart = tuple(one for one in group.samples if one.path in paths)
    rest = tuple(one for one in group.samples if one.path not in paths)
    return apart, _of(rest) if rest else None


def _of(samples: tuple[Sample, ...]) -> Group:
    first, *others = samples
    group = Group(first.message, (first,))
    for sample in others:
        group = group.holding(sample)
    return group


_APART = re.compile(r"\(but for ([^)]*)\)")


def set_apart(wanted: Replay | None) -> frozenset[str]:
    """The fields that the trial which is to be shown again had set apart."""
    found = _APART.search(wanted.trial) if wanted is not None else None
    return frozenset(found[1].split(", ")) if found else frozenset()
