"""The score as JSON, and as the tables of the README and of SCORE.md."""

from __future__ import annotations

import re
from collections.abc import Iterable
from statistics import median
from typing import Any

from contract_tests.faults.catalogue import BY_ID, FAULTS, HEALTHY
from contract_tests.score.runs import BUDGETS, ROOT, Outcome

README = ROOT / "README.md"
SCORE = ROOT / "contract_tests" / "score" / "SCORE.md"
_PLACE = re.compile(r"(<!-- score -->\n).*?(<!-- /score -->)", re.DOTALL)
_NAMES = {
    "user": "the UserService",
    "parcel": "every name another",
    "counter": "and no usual verb",
}


def document(outcomes: Iterable[Outcome], *, complete: bool) -> dict[str, Any]:
    """build/score.json: the service under its own names, then under others."""
    by_names: dict[str, list[Outcome]] = {}
    for one in outcomes:
        by_names.setdefault(one.names, []).append(one)
    plain, *others = [{"names": names, **_scored(found)} for names, found in by_names.items()] or [
        {}
    ]
    seeds = len({one.seed for found in by_names.values() for one in found})
    return {
        "format_version": 1,
        "complete": complete,
        "budgets": list(BUDGETS),
        "seeds": seeds,
        **plain,
        "renamed": others,
    }


def _scored(outcomes: list[Outcome]) -> dict[str, Any]:
    healthy = [one for one in outcomes if one.fault == HEALTHY.id]
    faults = [
        _fault(fault.id, [one for one in outcomes if one.fault == fault.id]) for fault in FAULTS
    ]
    return {"faults": faults, "false_alarms": sum(len(one.by) for one in healthy)}


def _fault(name: str, outcomes: list[Outcome]) -> dict[str, Any]:
    calls = [one.first_call for one in outcomes if one.first_call is not None]
    return {
        "id": name,
        "seeds": len(outcomes),
        "found": {str(most): sum(call <= most for call in calls) for most in BUDGETS},
        "first_call": int(median(calls)) if calls else None,
        "by": sorted({words.partition(" ")[0] for one in outcomes for words in one.by}),
    }


def write_tables(score: dict[str, Any]) -> None:
    """Write SCORE.md, and the summary in the README."""
    SCORE.write_text(every_fault(score), encoding="utf-8")
    text = README.read_text(encoding="utf-8")
    README.write_text(_PLACE.sub(rf"\g<1>{summary(score)}\g<2>", text), encoding="utf-8")


def summary(score: dict[str, Any]) -> str:
    """Found by every seed, of all; a row for each set of names."""
    lines = [
        "| service | " + " | ".join(f"{most:,} calls" for most in BUDGETS) + " | false alarms |"
    ]
    lines.append("| --- |" + " --- |" * (len(BUDGETS) + 1))
    for one in (score, *score["renamed"]):
        cells = [f"{_by_all(one, most)} of {len(one['faults'])}" for most in BUDGETS]
        name = _NAMES[one["names"]]
        lines.append(f"| {name} | " + " | ".join(cells) + f" | {one['false_alarms']} |")
    return "\n".join(lines) + "\n"


def _by_all(score: dict[str, Any], most: int) -> int:
    return sum(one["seeds"] and one["found"][str(most)] == one["seeds"] for one in score["faults"])


def every_fault(score: dict[str, Any]) -> str:
    """A row for each fault: how many seeds find it, after how many calls, by which check."""
    head = "# The score, fault by fault\n\nMade by `make score`: seeds that find the fault within "
    head += "100, 1,000 and 10,000 calls, and the median of the calls to the first finding.\n"
    parts = [head]
    for one in (score, *score["renamed"]):
        name = _NAMES[one["names"]]
        parts.append(f"\n## {name[0].upper()}{name[1:]}\n\n")
        parts.append("| fault | 100 | 1,000 | 10,000 | calls | found by |\n")
        parts.append("| --- | --- | --- | --- | --- | --- |\n")
        parts += [_row(fault) for fault in one["faults"]]
    return "".join(parts)


def _row(fault: dict[str, Any]) -> str:
    cells = [str(fault["found"][str(most)]) for most in BUDGETS]
    calls = "-" if fault["first_call"] is None else f"{fault['first_call']:,}"
    by = ", ".join(f"`{name}`" for name in fault["by"]) or "-"
    return f"| {BY_ID[fault['id']].id} | " + " | ".join([*cells, calls, by]) + " |\n"
