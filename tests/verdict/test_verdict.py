"""Findings under a policy, and the waivers that cover them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from wireproof.errors import MalformedFile
from wireproof.finding import Finding, Severity
from wireproof.verdict import Policy, Waiver, judge, read_waivers, write_waiver
from wireproof.verdict.judge import expired, unused

REMOVED = Finding("FIELD_REMOVED", "shop.v1.Order.total", "int64", "nothing")
TODAY = dt.date(2026, 1, 31)


def waiver(finding: Finding = REMOVED, *, expires: dt.date = TODAY) -> Waiver:
    return Waiver(finding.fingerprint, "nobody reads it", "dana", expires)


def test_an_error_makes_a_change_breaking():
    verdict = judge([REMOVED])
    assert (verdict.word, verdict.exit_code, verdict.stopping) == ("breaking", 1, (REMOVED,))


def test_nothing_found_is_compatible():
    assert (judge([]).word, judge([]).exit_code) == ("compatible", 0)


def test_policy_decides_severity():
    verdict = judge([REMOVED], Policy(severities={"FIELD_REMOVED": Severity.WARNING}))
    assert verdict.findings == (replace(REMOVED, severity=Severity.WARNING),)
    assert verdict.exit_code == 0


@pytest.mark.parametrize(
    ("fail_on", "code"), [(Severity.ERROR, 0), (Severity.WARNING, 1), (Severity.INFO, 1)]
)
def test_fail_on_moves_the_line(fail_on, code):
    policy = Policy(severities={"FIELD_REMOVED": Severity.WARNING}, fail_on=fail_on)
    assert judge([REMOVED], policy).exit_code == code


def test_an_engine_without_a_vote_is_told_but_stops_nothing():
    """A repository may let buf alone decide."""
    verdict = judge([REMOVED], Policy(engines=("buf",)))
    assert (verdict.exit_code, verdict.findings[0].severity) == (0, Severity.INFO)


def test_a_waiver_holds_on_its_last_day():
    verdict = judge([REMOVED], waivers=[waiver()], today=TODAY)
    assert (verdict.exit_code, verdict.findings[0].waived) == (0, "nobody reads it")


def test_an_expired_waiver_covers_nothing():
    late = TODAY + dt.timedelta(days=1)
    assert judge([REMOVED], waivers=[waiver()], today=late).exit_code == 1
    assert [f.id for f in expired([waiver()], today=late)] == ["WAIVER_EXPIRED"]


def test_a_further_change_voids_a_waiver():
    further = replace(REMOVED, found="string")
    assert judge([further], waivers=[waiver()], today=TODAY).exit_code == 1
    assert [f.id for f in unused([waiver()], [further], today=TODAY)] == ["WAIVER_UNUSED"]


def test_a_reworded_message_keeps_a_waiver():
    reworded = replace(REMOVED, message="gone", why="because", severity=Severity.WARNING)
    assert judge([reworded], waivers=[waiver()], today=TODAY).findings[0].waived


def test_a_waiver_survives_its_file(tmp_path):
    path = write_waiver(tmp_path, waiver())
    assert read_waivers(tmp_path) == (replace(waiver(), path=path),)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("fingerprint: '370406f9e462'\n", "the waiver lacks reason, owner, expires"),
        ("{", "it is no valid YAML"),
        ("- a\n", "a waiver needs fingerprint, reason, owner, expires"),
        (
            "{fingerprint: 37, reason: r, owner: o, expires: 2026-01-01}",
            "fingerprint '37' must be twelve hex digits, in quotes",
        ),
        (
            "{fingerprint: '370406f9e462', reason: r, owner: o, expires: soon}",
            "expires 'soon' must be a date such as 2027-01-31",
        ),
        (
            "{fingerprint: '370406f9e462', reason: r, owner: o, expires: 2026-01-01, until: x}",
            "unknown until; a waiver has fingerprint, reason, owner, expires",
        ),
    ],
)
def test_a_malformed_waiver_is_one_sentence(tmp_path, text, sentence):
    (tmp_path / "w.yaml").write_text(text)
    with pytest.raises(MalformedFile, match=sentence):
        read_waivers(tmp_path)
