"""Findings of one cause as one entry: fields of a call, a file and its content, a removal."""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import NamedTuple

from wireproof.finding import Finding, Severity
from wireproof.report.findings import in_order

_OF = ": "
"""Between a method and the field of it that a finding is about."""
_FILE_GONE = "FILE_REMOVED"
_WENT = frozenset({"MESSAGE_REMOVED", "ENUM_REMOVED", "EXTENSION_REMOVED", "SERVICE_REMOVED"})
"""What is told of each thing that a file declared when the file itself is gone."""
_AT_ONCE = frozenset(
    {
        "MESSAGE_MOVED",
        "ENUM_MOVED",
        "SERVICE_MOVED",
        "EXTENSION_MOVED",
        "PACKAGE_CHANGED",
        "DEFINED_VALUES_WIDENED",
        "LANGUAGE_OPTION_CHANGED",
        "LANGUAGE_FEATURE_CHANGED",
    }
)
"""What befalls many elements by one decision: a file is split, a package or an option renamed."""
_GONE = {
    "FIELD_NUMBER_FREED": "FIELD_REMOVED",
    "FIELD_NAME_FREED": "FIELD_REMOVED",
    "ENUM_VALUE_NUMBER_FREED": "ENUM_VALUE_REMOVED",
    "ENUM_VALUE_NAME_FREED": "ENUM_VALUE_REMOVED",
    "DEFINED_VALUES_NARROWED": "ENUM_VALUE_REMOVED",
}
"""What a removal leaves behind, each a rule that policy sets apart → the rule of the removal."""
_NAMED = 10
"""How many of the others are named."""


class Entry(NamedTuple):
    """A finding that is shown whole, and those that say the same of other places."""

    first: Finding
    others: tuple[Finding, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All of them."""
        return (self.first, *self.others)

    @property
    def also(self) -> str:
        """The others in a line, each with what was promised of it where that differs.

        Fields of a call are all named, elements of a schema may be hundreds.
        """
        if self.first.exchange is not None:
            return ", ".join(self._named(one) for one in self.others)
        if any(one.id != self.first.id for one in self.others):
            return "; ".join(self._of_its_own(one) for one in self.others)
        more = len(self.others) - _NAMED
        names = [one.subject for one in self.others[:_NAMED]]
        return ", ".join([*names, f"{more} more"] if more > 0 else names)

    def _of_its_own(self, finding: Finding) -> str:
        stops = finding.severity is Severity.ERROR and finding.waived is None
        told = f"waive {finding.fingerprint}" if stops else finding.severity
        return f"{finding.id} ({told}): {finding.promised}, {finding.found}"

    def _named(self, finding: Finding) -> str:
        _, of, field = finding.subject.partition(_OF)
        name = field if of else "the message as a whole"
        return name if finding.promised == self.first.promised else f"{name} ({finding.promised})"


def entries(findings: Iterable[Finding]) -> list[Entry]:
    """The findings in order, each cause once.

    Two places in a schema are mended one by one, unless one decision about a file made both. What
    was removed and what that left free is one thing to look at, however many rules tell it.
    """
    ordered = in_order(findings)
    gone = {f.location.file for f in ordered if f.id == _FILE_GONE and f.location}
    removed = {_removal(f) for f in ordered if f.id in _GONE.values()}
    groups: dict[object, list[Finding]] = {}
    for finding in ordered:
        cause = key if (key := _removal(finding)) in removed else _cause(finding, gone)
        groups.setdefault(cause, []).append(finding)
    return [Entry(first, tuple(others)) for first, *others in groups.values()]


def _removal(finding: Finding) -> tuple[str, str, str | None]:
    """The removal that it tells of, where it is one or what one left behind."""
    return _GONE.get(finding.id, finding.id), finding.subject, finding.waived


def _cause(finding: Finding, gone: Set[str]) -> object:
    same = finding.id, finding.severity, finding.waived
    whom = finding.surfaces, finding.consumers
    if finding.exchange is not None:
        return (*same, finding.subject.partition(_OF)[0], finding.found)
    if finding.id in _AT_ONCE:
        return (*same, *whom, finding.promised, finding.found)
    if finding.id in _WENT and finding.location and finding.location.file in gone:
        return (*same, *whom, finding.location.file)
    return id(finding)
