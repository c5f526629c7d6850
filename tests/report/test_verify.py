"""The report of `verify`."""

from __future__ import annotations

import json

from wireproof.contracts.verify import ContractResult, InteractionResult, Outcome, VerifyReport
from wireproof.finding import Finding, Location
from wireproof.report.findings import finding_json
from wireproof.report.verify import verify_json, verify_text
from wireproof.verdict import judge

CALL = {
    "method": "shop.v1.Shop.Get",
    "metadata": [],
    "steps": [
        {"send": {"id": "a"}},
        {"half-close": {}},
        {"receive": {"note": "x" * 400}},
        {"hidden": "7 more steps"},
        {"status": "NOT_FOUND", "message": "no such item"},
    ],
}
MISSING = Finding(
    id="CONTRACT_FIELD_MISSING",
    subject="shop.v1.Item.price",
    promised="a value",
    found="none",
    message="till, 'gets': it needs a value in shop.v1.Item.price, and found none",
    location=Location("till.yaml", 9, 5),
    consumers=("till",),
    exchange=CALL,
)
REPORT = VerifyReport(
    "127.0.0.1:50051",
    (
        ContractResult(
            consumer="till",
            provider="shop.v1.Shop",
            path="till.yaml",
            schema="release:1.0.0",
            own_schema=True,
            interactions=(
                InteractionResult("lists", "server-streaming", Outcome.PASSED),
                InteractionResult("gets", "unary", Outcome.FAILED, (MISSING,)),
                InteractionResult("adds", "", Outcome.COULD_NOT_RUN, (), "no database"),
            ),
        ),
    ),
)


def test_json_is_the_verify_document():
    """Target, contracts, interactions with name, style, outcome, findings."""
    document = json.loads(verify_json(REPORT))
    assert (document["format_version"], document["target"]) == (1, "127.0.0.1:50051")
    (contract,) = document["contracts"]
    interactions = contract.pop("interactions")
    assert contract == {
        "consumer": "till",
        "provider": "shop.v1.Shop",
        "path": "till.yaml",
        "schema": "release:1.0.0",
    }
    assert interactions == [
        {"name": "lists", "style": "server-streaming", "outcome": "passed", "findings": []},
        {
            "name": "gets",
            "style": "unary",
            "outcome": "failed",
            "findings": [finding_json(MISSING)],
        },
        {
            "name": "adds",
            "style": "",
            "outcome": "could-not-run",
            "findings": [],
            "reason": "no database",
        },
    ]


def test_text_tells_each_interaction_then_the_findings_then_the_count():
    """With the call that shows it, a step a line, long messages cut."""
    text = verify_text(REPORT, judge(REPORT.findings))
    assert text.splitlines()[:4] == [
        "till → shop.v1.Shop  (till.yaml, read as release:1.0.0)",
        "  ok      lists (server-streaming)",
        "  FAILED  gets (unary)",
        "  not run adds: no database",
    ]
    assert "till.yaml:9:5: error CONTRACT_FIELD_MISSING" in text
    assert (
        '  call      send {"id": "a"}\n            half-close\n            receive {"note"' in text
    )
    assert (
        "x…\n            hidden 7 more steps\n            status NOT_FOUND no such item\n" in text
    )
    count = "3 interactions with 127.0.0.1:50051: 1 passed, 1 failed, 1 could-not-run"
    assert text.endswith(count)


def test_a_call_with_several_findings_is_shown_once():
    """With the last of them."""
    other = Finding(
        id="CONTRACT_FIELD_MISSING",
        subject="shop.v1.Item.stock",
        promised="a value",
        found="none",
        location=Location("till.yaml", 9, 5),
        exchange=CALL,
    )
    text = verify_text(REPORT, judge((MISSING, other)))
    assert text.count("status NOT_FOUND no such item") == 1
