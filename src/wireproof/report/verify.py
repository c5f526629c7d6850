"""What `verify` found, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from wireproof.contracts.verify import ContractResult, InteractionResult, Outcome, VerifyReport
from wireproof.finding import Finding
from wireproof.report.findings import finding_json, finding_text, in_order
from wireproof.verdict import Verdict

_WIDE = 300  # characters of a message, in text
_MARKS = {Outcome.PASSED: "ok", Outcome.FAILED: "FAILED", Outcome.COULD_NOT_RUN: "not run"}


def verify_json(report: VerifyReport) -> str:
    """The `verify` document of DESIGN."""
    document = {
        "format_version": 1,
        "target": report.target,
        "contracts": [_contract_json(contract) for contract in report.contracts],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def verify_text(report: VerifyReport, verdict: Verdict) -> str:
    """Each interaction in a line, then the findings, then the count."""
    lines = [line for contract in report.contracts for line in _contract_lines(contract)]
    findings = in_order(verdict.findings)
    after = [*(finding.exchange for finding in findings), None][1:]
    # Findings of one call stand together: the call is shown with the last of them.
    told = [
        f"{_finding_text(finding, call=finding.exchange is not later)}\n"
        for finding, later in zip(findings, after, strict=True)
    ]
    return "\n".join([*lines, "", *told, _count(report)])


def _finding_text(finding: Finding, *, call: bool) -> str:
    """The finding, and the call that shows it, a line for each step."""
    steps = finding.exchange["steps"] if finding.exchange and call else []
    calls = [f"  {'call' if not at else '':<10}{_step(step)}" for at, step in enumerate(steps)]
    return "\n".join([finding_text(finding), *calls])


def _step(step: Mapping[str, Any]) -> str:
    kind, what = next(iter(step.items()))
    if kind == "status":
        return f"status {what} {step['message']}".rstrip()
    text = what if isinstance(what, str) else json.dumps(what, ensure_ascii=False) if what else ""
    return f"{kind} {text if len(text) <= _WIDE else text[:_WIDE] + '…'}".rstrip()


def _contract_json(contract: ContractResult) -> dict[str, Any]:
    return {
        "consumer": contract.consumer,
        "provider": contract.provider,
        "path": contract.path,
        "schema": contract.schema,
        "interactions": [_interaction_json(one) for one in contract.interactions],
    }


def _interaction_json(one: InteractionResult) -> dict[str, Any]:
    document: dict[str, Any] = {
        "name": one.name,
        "style": one.style,
        "outcome": str(one.outcome),
        "findings": [finding_json(finding) for finding in one.findings],
    }
    if one.reason:
        document["reason"] = one.reason
    return document


def _contract_lines(contract: ContractResult) -> Iterator[str]:
    yield f"{contract.consumer} → {contract.provider}  ({contract.path}, read as {contract.schema})"
    for one in contract.interactions:
        style = f" ({one.style})" if one.style else ""
        reason = f": {one.reason}" if one.reason else ""
        yield f"  {_MARKS[one.outcome]:<8}{one.name}{style}{reason}"


def _count(report: VerifyReport) -> str:
    every = [one.outcome for contract in report.contracts for one in contract.interactions]
    counts = [f"{every.count(outcome)} {outcome}" for outcome in Outcome if outcome in every]
    many = "" if len(every) == 1 else "s"
    return f"{len(every)} interaction{many} with {report.target}: {', '.join(counts)}"
