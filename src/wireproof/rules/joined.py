"""buf's findings joined to ours: one finding a change, whoever tells it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import replace
from typing import Any, NamedTuple

from wireproof.changes import kinds
from wireproof.changes.change import Change
from wireproof.finding import Breaks, Finding, Location, Severity, Surface
from wireproof.rules.buf import Annotation
from wireproof.schema.breaking import RULES
from wireproof.schema.elements import Element
from wireproof.schema.fields import Field
from wireproof.schema.names import parent
from wireproof.schema.schema import Schema

_FROM_TO = re.compile(r'from "([^"]*)" to "([^"]*)"')
_DEFAULTS = re.compile(r"default value from (\S+)\.(\w+) to \S+\.(\w+)\.$")


class Candidate(NamedTuple):
    """A finding of ours with what buf may call the same."""

    finding: Finding
    change: Change
    buf: tuple[str, ...]


def joined(
    candidates: list[Candidate],
    annotations: Iterable[Annotation],
    changes: Iterable[Change],
    surfaces: Iterable[Surface],
    schemas: tuple[Schema, Schema],
) -> Iterator[tuple[Finding, Change | None]]:
    """Our findings, each with the names of buf's rules that agree, then what only buf found."""
    agreed: dict[int, list[str]] = {}
    alone: list[Annotation] = []
    near = _Near([candidate.change for candidate in candidates])
    whole = frozenset(i for i, c in enumerate(candidates) if "MESSAGE_NO_DELETE" in c.buf)
    firsts = {one: i for i, c in enumerate(candidates) if (one := _first_values(c.change))}
    for annotation in annotations:
        fitting = [i for i in near.of(annotation) if annotation.rule in candidates[i].buf]
        best = near.best(annotation, fitting)
        best = _telling(annotation, candidates, fitting) if best is None else best
        best = near.holding(annotation, whole) if best is None else best
        best = firsts.get(_defaults(annotation)) if best is None else best
        if best is None and not _spelled_out(annotation):
            alone.append(annotation)
        elif best is not None:
            agreed.setdefault(best, []).append(annotation.rule)
    for index, candidate in enumerate(candidates):
        names = tuple(dict.fromkeys(agreed.get(index, ())))
        yield _agreed(candidate, names), candidate.change
    everything = _Near(list(changes))
    for annotation in alone:
        found = everything.best(annotation, everything.of(annotation))
        change = everything.changes[found] if found is not None else None
        if finding := _bufs_own(annotation, change, set(surfaces), schemas):
            yield finding, change


def _agreed(candidate: Candidate, names: tuple[str, ...]) -> Finding:
    if not names:
        return candidate.finding
    # What stops a pull request with buf stops it with us.
    return replace(
        candidate.finding, buf=names, engines=("buf", "wireproof"), severity=Severity.ERROR
    )


def _first_values(change: Change) -> tuple[str, ...]:
    """The name of the enum whose first value changed, and both values."""
    if not isinstance(change, kinds.EnumDefaultChanged):
        return ()
    return change.old.name, change.old.values[0].name, change.new.values[0].name


def _defaults(annotation: Annotation) -> tuple[str, ...]:
    """The same as buf tells it, of each field that has no default of its own."""
    told = _DEFAULTS.search(annotation.message)
    return (told[1].rpartition(".")[2], told[2], told[3]) if told else ()


def _spelled_out(annotation: Annotation) -> bool:
    """Whether one version writes down a JSON name that the other leaves out as the default.

    Images need not hold the default ones, and what servers reflect often does not; where the
    names themselves differ we have told it.
    """
    told = _FROM_TO.search(annotation.message)
    return annotation.rule == "FIELD_SAME_JSON_NAME" and told is not None and "" in told.groups()


def _telling(
    annotation: Annotation, candidates: list[Candidate], indices: Iterable[int]
) -> int | None:
    """Of those that tell all that buf quotes (an option and its values), the nearest above it."""

    def tells(index: int) -> bool:
        finding = candidates[index].finding
        return all(one in f"{finding.promised} {finding.found}" for one in annotation.quoted)

    def distance(index: int) -> int:
        return abs((annotation.line or 1) - (candidates[index].change.location.line or 1))

    return min((i for i in indices if annotation.quoted and tells(i)), key=distance, default=None)


class _Near:
    """Changes by their files: large schemas have too many to look at all for each annotation."""

    def __init__(self, changes: list[Change]) -> None:
        self.changes = changes
        self._traits: dict[int, _Traits] = {}
        self._by_file: dict[str, list[int]] = {}
        for index, change in enumerate(changes):
            for file in _files(change):
                self._by_file.setdefault(file, []).append(index)

    def of(self, annotation: Annotation) -> Iterable[int]:
        """The changes that it may be about; without a file, all of them."""
        if not annotation.file:
            return range(len(self.changes))
        return self._by_file.get(annotation.file, ())

    def best(self, annotation: Annotation, indices: Iterable[int]) -> int | None:
        """The one that it is surely about: the first of the likeliest."""
        scored = [(_likeness(annotation, self._of(i)), i) for i in indices]
        score, best = max(scored, key=lambda one: one[0], default=(0, 0))
        return best if score >= _ENOUGH else None

    def _of(self, index: int) -> _Traits:
        """Read once: a file that was rewritten has as many annotations as changes."""
        if index not in self._traits:
            self._traits[index] = _traits(self.changes[index])
        return self._traits[index]

    def holding(self, annotation: Annotation, whole: Set[int]) -> int | None:
        """The change of what is gone with all inside: a map field, or one of *whole* messages."""
        for index in self.of(annotation):
            old = getattr(self.changes[index], "old", None)
            entry = old.map_entry if isinstance(old, Field) else None
            if entry and _in_file(entry) in annotation.quoted:
                return index
            held = f"{_in_file(old)}." if index in whole and old else None
            if held and any(name.startswith(held) for name in annotation.quoted):
                return index
        return None


def _in_file(element: Element) -> str:
    """Its name without the package, as buf says it."""
    return element.full_name.removeprefix(f"{element.file.package}.")


def _files(change: Change) -> set[str]:
    """Those of both versions: what held a removed element may have moved."""
    sides: tuple[Any, ...] = (change.element, *(getattr(change, n, None) for n in _SIDES))
    return {side.file.name for side in sides if side is not None}


_SIDES = ("new", "around")


_ENOUGH = 4


class _Traits(NamedTuple):
    """What buf may say of a change, in names and numbers as it writes them."""

    names: frozenset[str]
    around: frozenset[str]
    """What holds the element, under the ends of its full name."""
    in_file: str
    """The element's name without the package."""
    numbers: frozenset[str]
    entry: str
    place: tuple[int, int]
    whole_file: bool
    outermost: bool


def _traits(change: Change) -> _Traits:
    element = change.element
    new: Any = getattr(change, "new", element)
    numbers = {getattr(one, "number", None) for one in (element, new)} - {None}
    entry = element.map_entry if isinstance(element, Field) else None
    around, package = parent(change.subject), element.file.package
    return _Traits(
        names=frozenset({element.name, getattr(new, "name", ""), *_ends(change.subject)} - {""}),
        around=frozenset(_ends(around)),
        in_file=change.subject.removeprefix(f"{package}."),
        numbers=frozenset(map(str, numbers)),
        entry=entry.name if entry is not None else "",
        place=(change.location.line or 1, change.location.column or 1),
        whole_file=element.file is element,
        outermost=around == package,  # buf names no package
    )


def _ends(full_name: str) -> Iterator[str]:
    """The name as it may be told, from whole down to its last part."""
    while full_name:
        yield full_name
        full_name = full_name.partition(".")[2]


def _likeness(annotation: Annotation, of: _Traits) -> int:
    """How surely both speak of one element: same file, then its names, its number, its place."""
    quoted = annotation.quoted
    named, numbered = bool(quoted & of.names), bool(quoted & of.numbers)
    held = of.outermost or of.in_file in quoted or bool(quoted & of.around)
    sure = of.whole_file or (of.entry != "" and of.entry in quoted)
    place = of.place[0] == (annotation.line or 1)  # unknown, buf says 1:1
    exact = place and of.place[1] == (annotation.column or 1)
    return 3 * named + 2 * numbered + 2 * held + 4 * sure + place + exact


def _bufs_own(
    annotation: Annotation,
    change: Change | None,
    surfaces: set[Surface],
    schemas: tuple[Schema, Schema],
) -> Finding | None:
    found = _surfaces(annotation.rule) & surfaces
    if not found:
        return None
    old, new = schemas
    told = _FROM_TO.search(annotation.message)
    schema = new if annotation.file in new.by_name else old
    return Finding(
        id=annotation.rule,
        subject=change.subject if change else annotation.file or "schema",
        promised=told.group(1) if told else "no breaking change",
        found=told.group(2) if told else annotation.message,
        message=annotation.message,
        why="buf counts it as breaking under the rules that the module chose.",
        fix="Undo it, or except the rule in buf.yaml.",
        surfaces=tuple(surface for surface in Surface if surface in found),
        breaks=(Breaks.SOURCE,),
        engines=("buf",),
        buf=(annotation.rule,),
        module=schema.modules.get(annotation.file, ""),
        location=Location(schema.path(annotation.file), annotation.line, annotation.column)
        if annotation.file
        else None,
    )


def _surfaces(rule: str) -> set[Surface]:
    """Where buf means a rule to matter, by the categories it is in."""
    categories = RULES.get(rule, frozenset())
    if rule.startswith(("RPC_", "SERVICE_")):
        return {Surface.RPC, Surface.SOURCE}
    found = {Surface.WIRE} if "WIRE" in categories else set()
    found |= {Surface.JSON} if "WIRE_JSON" in categories else set()
    return found | ({Surface.SOURCE} if categories & {"FILE", "PACKAGE"} else set())
