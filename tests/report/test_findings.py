"""One finding in every form in which people and programs read it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from wireproof.finding import (
    Breaks,
    Evidence,
    Finding,
    Location,
    Severity,
    Surface,
    Witness,
)
from wireproof.report.findings import finding_json, finding_text, in_order, witness_text

NARROWED = Finding(
    id="FIELD_TYPE_CHANGED",
    subject="shop.v1.Order.total",
    promised="int64",
    found="int32",
    message="shop.v1.Order.total changed from int64 to int32",
    why="Values above 2147483647 lose their upper bits.",
    fix="Keep the field and add another under an unused number.",
    surfaces=(Surface.WIRE, Surface.JSON),
    breaks=(Breaks.OLD_CLIENT, Breaks.STORED),
    engines=("buf", "wireproof"),
    buf=("FIELD_SAME_TYPE",),
    module="schemas",
    location=Location("shop.proto", 14, 3),
    evidence=Evidence.PROVEN,
    witness=Witness("old", "new", "088080808010", {"total": "4294967296"}, {}),
    consumers=("web-console",),
)


def test_json_has_every_key_that_others_script_against():
    assert finding_json(NARROWED) == {
        "id": "FIELD_TYPE_CHANGED",
        "buf": ["FIELD_SAME_TYPE"],
        "engines": ["buf", "wireproof"],
        "surfaces": ["wire", "json"],
        "breaks": ["old-client", "stored"],
        "module": "schemas",
        "subject": "shop.v1.Order.total",
        "promised": "int64",
        "found": "int32",
        "severity": "error",
        "message": "shop.v1.Order.total changed from int64 to int32",
        "why": "Values above 2147483647 lose their upper bits.",
        "fix": "Keep the field and add another under an unused number.",
        "location": {"file": "shop.proto", "line": 14, "column": 3},
        "evidence": "proven",
        "witness": {
            "writer": "old",
            "reader": "new",
            "bytes": "088080808010",
            "written": {"total": "4294967296"},
            "read": {},
        },
        "consumers": ["web-console"],
        "fingerprint": NARROWED.fingerprint,
        "waived": None,
    }


def test_text_says_what_where_why_and_what_to_do():
    assert finding_text(NARROWED) == "\n".join(
        [
            "shop.proto:14:3: error FIELD_TYPE_CHANGED (wire, json)",
            "  shop.v1.Order.total changed from int64 to int32",
            "  why       Values above 2147483647 lose their upper bits.",
            "  breaks    old-client, stored",
            "  consumers web-console",
            '  witness   08 80 80 80 80 10: old writes {"total": "4294967296"}; new reads {}',
            "  buf       FIELD_SAME_TYPE",
            "  fix       Keep the field and add another under an unused number.",
            f"  waive     wireproof waive {NARROWED.fingerprint} --reason … --owner …",
        ]
    )


def test_a_finding_without_words_states_its_facts():
    text = finding_text(Finding("A", "b.C.d", "int64", "nothing", Severity.WARNING))
    assert text == "warning A\n  b.C.d: promised int64, found nothing"


def test_a_waived_finding_shows_its_reason_and_no_way_to_waive_it():
    text = finding_text(replace(NARROWED, waived="nobody reads it"))
    assert text.splitlines()[-1] == "  waived    nobody reads it"


def test_a_long_witness_is_cut_with_a_mark():
    witness = Witness("old", "new", "0a" * 40, "x" * 500, None)
    assert witness_text(witness).count("…") == 2


@pytest.mark.parametrize("field", ["id", "subject", "promised", "found"])
def test_the_fingerprint_is_made_of_facts(field):
    other: Any = {field: "other"}
    changed = replace(NARROWED, **other)
    assert changed.fingerprint != NARROWED.fingerprint


def test_the_fingerprint_outlives_new_words():
    reworded = replace(NARROWED, message="m", why="w", severity=Severity.INFO, witness=None)
    assert reworded.fingerprint == NARROWED.fingerprint


def test_the_worst_comes_first_and_the_waived_last():
    warning = replace(NARROWED, severity=Severity.WARNING)
    waived = replace(NARROWED, waived="r")
    assert in_order([waived, warning, NARROWED]) == [NARROWED, warning, waived]
