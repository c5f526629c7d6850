"""The gate's answer in every form."""

from __future__ import annotations

import json

import pytest

from wireproof.finding import Finding, Location
from wireproof.report.gate import FORMATS, gate_github, gate_json, gate_text
from wireproof.verdict.stages import GateReport, Outcome, Side, Stage

REMOVED = Finding(
    "FIELD_REMOVED", "shop.v1.Order.total", "int64", "nothing", location=Location("a.proto", 3, 5)
)
BASE = Side("git:1a2b3c:schemas", "sha256:" + "0" * 64, "merge base with origin/main")
HEAD = Side("schemas", "sha256:" + "1" * 64)


def report(*outcomes: Outcome) -> GateReport:
    stages = tuple(
        Stage(f"stage-{i}", outcome, 0.25, (REMOVED,) if outcome is Outcome.FAILED else (), "words")
        for i, outcome in enumerate(outcomes)
    )
    return GateReport((BASE,), HEAD, "major", stages)


@pytest.mark.parametrize(
    ("outcomes", "verdict", "code"),
    [
        ((Outcome.PASSED, Outcome.NOT_CONFIGURED), "compatible", 0),
        ((Outcome.PASSED, Outcome.FAILED), "breaking", 1),
        ((Outcome.PASSED, Outcome.COULD_NOT_RUN), "unknown", 2),
        ((Outcome.FAILED, Outcome.COULD_NOT_RUN), "breaking", 1),
    ],
)
def test_findings_win_over_what_could_not_run(outcomes, verdict, code):
    answer = report(*outcomes)
    assert (answer.verdict, answer.exit_code) == (verdict, code)


def test_json_holds_verdict_bump_both_sides_and_stages():
    document = json.loads(gate_json(report(Outcome.FAILED)))
    assert document["format_version"] == 1
    assert (document["verdict"], document["bump"]) == ("breaking", "major")
    assert document["base"]["digest"] == BASE.digest
    assert document["head"]["digest"] == HEAD.digest
    (stage,) = document["stages"]
    assert (stage["name"], stage["outcome"], stage["seconds"]) == ("stage-0", "failed", 0.25)
    assert [f["id"] for f in stage["findings"]] == ["FIELD_REMOVED"]


def test_text_names_both_digests_every_stage_and_the_verdict():
    lines = gate_text(report(Outcome.PASSED, Outcome.FAILED)).splitlines()
    assert lines[:2] == [
        "schema   schemas (sha256:111111111111)",
        "against  git:1a2b3c:schemas (sha256:000000000000, merge base with origin/main)",
    ]
    assert lines[3:6] == [
        "stage      outcome            time",
        "stage-0    passed            0.2 s  words",
        "stage-1    failed            0.2 s  1 error; words",
    ]
    assert lines[-1] == "verdict: breaking, bump: major"


def test_the_verdict_says_what_could_not_run():
    last = gate_text(report(Outcome.COULD_NOT_RUN)).splitlines()[-1]
    assert last == "verdict: unknown (could not run: stage-0)"


def test_github_gets_an_annotation_on_the_line():
    first = gate_github(report(Outcome.FAILED)).splitlines()[0]
    assert first.startswith("::error file=a.proto,line=3,col=5,title=FIELD_REMOVED::")
    assert "%0A" in first


@pytest.mark.parametrize("shape", FORMATS)
def test_every_form_names_the_finding(shape):
    assert "FIELD_REMOVED" in FORMATS[shape](report(Outcome.FAILED))
