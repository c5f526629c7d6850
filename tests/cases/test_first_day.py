"""The first day of a team that has buf's WIRE_JSON today: what failed still fails.

All cases are compared at once, each in a package of its own, by the real buf and by both engines
joined, under `breaking: {use: [WIRE_JSON]}`.
"""

from __future__ import annotations

from functools import cache

import pytest

from tests.cases.compiled import cases
from tests.cases.oracle import CASE, merged
from wireproof.finding import Finding, Severity
from wireproof.rules import compare
from wireproof.rules.buf import asked_of_buf
from wireproof.rules.table import RULES
from wireproof.schema.breaking import BreakingConfig

CASES = [case for case in cases() if case.expected.get("buf") != "cannot read it"]
CONFIG = {".": BreakingConfig(use=("WIRE_JSON",))}
BUF_LOOKS = {rule.id: set(rule.buf) & CONFIG["."].rules for rule in RULES}
"""Our rule → the rules of WIRE_JSON that look at the same change."""


@cache
def judged() -> tuple[dict[int, set[str]], dict[int, list[Finding]]]:
    """Case → what buf says, and case → what stops it with both engines joined."""
    old, new = merged(CASES)
    new.breaking = CONFIG
    theirs: dict[int, set[str]] = {}
    with asked_of_buf(old, new) as answers:
        for annotation in answers():
            place = CASE.search(annotation.file) or CASE.search(annotation.message)
            assert place, annotation
            theirs.setdefault(int(place.group(1)), set()).add(annotation.rule)
    ours: dict[int, list[Finding]] = {}
    for finding in compare(old, new).findings:
        place = CASE.search(finding.subject) or CASE.search(str(finding.location))
        assert place, finding
        if finding.severity is Severity.ERROR:
            ours.setdefault(int(place.group(1)), []).append(finding)
    return theirs, ours


@pytest.mark.parametrize("index", range(len(CASES)), ids=[case.name for case in CASES])
def test_what_fails_with_buf_fails_and_names_buf_s_rules(index: int):
    """
    Every rule by which buf stops a change is named by a finding that stops it.
    """
    theirs, ours = judged()
    named = {rule for finding in ours.get(index, ()) for rule in finding.buf}
    assert theirs.get(index, set()) <= named


SEES_MORE = {
    "FIELD_TYPE_CHANGED/extension_becomes_field": "buf compares extensions with extensions, and "
    "fields with fields",
    "FIELD_RENUMBERED/extension": "no rule of WIRE_JSON looks at the numbers of extensions",
    "FIELD_TYPE_CHANGED/int32_to_uint32": "buf takes every varint for the other: -1 comes out as "
    "4294967295, and JSON refuses it",
    "REQUIRED_FIELD_ADDED/legacy_required": "buf knows `required`, not LEGACY_REQUIRED of editions",
}
"""Case → what buf cannot see in it, although one of its rules looks at such changes."""


@pytest.mark.parametrize("index", range(len(CASES)), ids=[case.name for case in CASES])
def test_what_passes_with_buf_is_stopped_by_what_buf_cannot_see(index: int):
    """
    Where a rule of WIRE_JSON looks at the change and is content, so are we, or we say why not.
    """
    theirs, ours = judged()
    if index not in theirs:
        stopping = {finding.id for finding in ours.get(index, ()) if BUF_LOOKS[finding.id]}
        assert bool(stopping) == (CASES[index].name in SEES_MORE)
