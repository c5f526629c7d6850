"""Findings of one cause are one entry for people, and stay apart for programs."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from wireproof.finding import Finding, Location, Severity
from wireproof.report.alike import entries
from wireproof.report.test import tested_junit as as_junit
from wireproof.report.test import tested_text as as_text
from wireproof.report.test_html import tested_html as as_html
from wireproof.report.test_json import tested_json as as_json
from wireproof.testing.outcome import MethodOutcome, TestReport
from wireproof.verdict.judge import judge
from wireproof.verdict.policy import Policy

PUT = "shop.v1.Shop.Put"
CALL: dict[str, Any] = {
    "method": PUT,
    "style": "unary",
    "steps": [{"send": {"name": ""}, "bytes": ""}],
    "status": {"code": "OK", "message": ""},
}


def ignored(field: str, **other: Any) -> Finding:
    """A rule of a field that the service does not enforce."""
    facts: dict[str, Any] = {
        "id": "INVALID_REQUEST_REFUSED",
        "subject": f"{PUT}: {field}",
        "promised": "INVALID_ARGUMENT",
        "found": "OK",
        "message": f"{PUT}: {field} must answer INVALID_ARGUMENT, answered OK",
        "exchange": CALL,
    }
    return Finding(**(facts | other))


def report(*findings: Finding) -> TestReport:
    methods = (MethodOutcome(PUT, "unary", 9, {"OK": 9}, tested=True),)
    return TestReport("127.0.0.1:1", 0, 9, 0.1, methods, findings)


def text(*findings: Finding) -> str:
    return as_text(report(*findings), judge(findings, Policy(), ()))


def test_one_cause_is_one_entry_with_the_list_of_its_fields():
    """
    The first is shown whole, of the others their fields: twenty fields are read in a line.
    """
    shown = text(*[ignored(f"f{n:02}") for n in range(20)])
    assert shown.count("INVALID_REQUEST_REFUSED") == 1
    assert f"also      {', '.join(f'f{n:02}' for n in range(1, 20))} (each in" in shown
    assert "1 error (20 findings); 1 of 1 methods tested" in shown


def test_another_answer_method_or_check_is_another_cause():
    """
    Whoever mends one has not mended the other; of one method and answer, rules may differ.
    """
    found = [
        ignored("a"),
        ignored("b", found="NOT_FOUND"),
        ignored("c", subject="shop.v1.Shop.Get: c"),
        ignored("d", id="VALID_ACCEPTED"),
        ignored("e", severity=Severity.WARNING),
        ignored("f", promised="an item error"),
        ignored("g", subject=PUT),
    ]
    assert [(one.first.subject, one.also) for one in entries(found)] == [
        ("shop.v1.Shop.Get: c", ""),
        (PUT, "a, f (an item error)"),
        (f"{PUT}: b", ""),
        (f"{PUT}: d", ""),
        (f"{PUT}: e", ""),
    ]


def test_what_no_call_has_shown_is_never_joined():
    """
    Two places of a schema are mended one by one.
    """
    found = [replace(ignored(field), exchange=None) for field in ("a", "b")]
    assert [one.others for one in entries(found)] == [(), ()]


def element(rule: str, subject: str, file: str, promised: str = "t", found: str = "removed"):
    return Finding(rule, subject, promised, found, location=Location(file, 1, 1))


def test_what_went_with_its_file_is_one_entry():
    """
    A file that is gone is one decision; a message that went from a file that stays is another.
    """
    found = [
        element("FILE_REMOVED", "a.proto", "a.proto"),
        *(element("MESSAGE_REMOVED", f"t.M{n:02}", "a.proto", f"t.M{n:02}") for n in range(13)),
        element("MESSAGE_REMOVED", "t.Other", "b.proto"),
        element("ENUM_REMOVED", "t.E", "a.proto"),
    ]
    names = ", ".join(f"t.M{n:02}" for n in range(1, 11))
    assert {(one.first.id, one.first.subject): one.also for one in entries(found)} == {
        ("FILE_REMOVED", "a.proto"): "",
        ("MESSAGE_REMOVED", "t.M00"): f"{names}, 2 more",
        ("MESSAGE_REMOVED", "t.Other"): "",
        ("ENUM_REMOVED", "t.E"): "",
    }


def test_what_moved_together_is_one_entry():
    """
    A file that was split moves messages to some files; each of those is a decision.
    """
    found = [
        element("MESSAGE_MOVED", "t.A", "b.proto", "a.proto", "b.proto"),
        element("MESSAGE_MOVED", "t.B", "b.proto", "a.proto", "b.proto"),
        element("MESSAGE_MOVED", "t.C", "c.proto", "a.proto", "c.proto"),
    ]
    assert [(one.first.subject, one.also) for one in entries(found)] == [
        ("t.A", "t.B"),
        ("t.C", ""),
    ]


def test_a_removal_and_what_it_left_free_is_one_entry():
    """
    One field went; that its number and name may return is told with it, each with what waives it
    where it stops the change, and apart where it is waived already.
    """
    warned, free = {"severity": Severity.WARNING}, "free to be reused"
    stops = element("FIELD_NUMBER_FREED", "t.M.a", "a.proto", "number 1", free)
    names = element("FIELD_NAME_FREED", "t.M.a", "a.proto", 'name "a"', free)
    found = [
        element("FIELD_REMOVED", "t.M.a", "a.proto", "string a = 1"),
        stops,
        replace(names, **warned),
        replace(names, waived="known"),
        replace(element("FIELD_NUMBER_FREED", "t.M.b", "a.proto", "number 2", free), **warned),
    ]
    also = (
        f"FIELD_NUMBER_FREED (waive {stops.fingerprint}): number 1, free to be reused; "
        'FIELD_NAME_FREED (warning): name "a", free to be reused'
    )
    assert [(one.first.id, one.first.subject, one.also) for one in entries(found)] == [
        ("FIELD_REMOVED", "t.M.a", also),
        ("FIELD_NUMBER_FREED", "t.M.b", ""),
        ("FIELD_NAME_FREED", "t.M.a", ""),
    ]


def test_programs_get_every_finding():
    """
    JSON and JUnit stay complete; the page tells every fingerprint.
    """
    found = [ignored("a"), ignored("b")]
    verdict = judge(found, Policy(), ())
    assert len(json.loads(as_json(report(*found), verdict))["findings"]) == 2
    assert as_junit(report(*found), verdict).count("<failure") == 2
    page = as_html(report(*found), verdict)
    assert page.count("<article") == 1
    assert all(one.fingerprint in page for one in found)
