"""Compare sources: two versions, or a history, oldest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from wireproof.changes.change import Change, Stated
from wireproof.changes.history import history_changes
from wireproof.changes.versions import Versions
from wireproof.finding import Breaks, Finding, Surface
from wireproof.rules.engine import ENGINES, Comparison, compare, judged
from wireproof.rules.reuse import supersedes
from wireproof.rules.rule import Rule
from wireproof.rules.table import RULES
from wireproof.schema.across import across
from wireproof.schema.index import Index
from wireproof.schema.schema import Schema
from wireproof.schema.source import load_all

PAIR = 2
"""Versions that are no history yet."""


def compare_sources(
    sources: Sequence[str],
    *,
    mode: str = "rpc",
    profile: str = "bytes",
    surfaces: Iterable[Surface] | None = None,
    deploy: str = "any",
    engines: tuple[str, ...] = ENGINES,
    promises: Iterable[str] = (),
    stored: Iterable[str] = (),
    root: Path | None = None,
    packages: tuple[str, str] | None = None,
    digests: bool = False,
) -> Comparison:
    """Load *sources* and compare them as a history.

    *packages* names one package of the earlier sources, and one of the last that is compared to it;
    *digests* says that those of the first and the last will be asked for.
    """
    schemas = load_all(sources, root=root)
    if packages:
        schemas = across(schemas, *packages)
    if digests:
        Schema.begin_digests(schemas[0], schemas[-1])
    return compare_history(
        schemas,
        mode=mode,
        profile=profile,
        surfaces=surfaces,
        deploy=deploy,
        engines=engines,
        promises=promises,
        stored=stored,
    )


def compare_history(
    schemas: Sequence[Schema],
    *,
    mode: str = "rpc",
    profile: str = "bytes",
    surfaces: Iterable[Surface] | None = None,
    deploy: str = "any",
    engines: tuple[str, ...] = ENGINES,
    rules: tuple[Rule, ...] = RULES,
    promises: Iterable[str] = (),
    stored: Iterable[str] = (),
) -> Comparison:
    """The last version held against every earlier one, oldest first.

    So the registries' modes are transitive as soon as there are more than two versions. The
    changes are those from the first to the last; a break that only a version between shows is
    added, and so is what only the history shows: numbers and names that came back as something
    else, defaults that drifted. buf judges the first against the last.
    """
    chosen = tuple(surfaces) if surfaces else None
    judge = partial(
        compare,
        mode=mode,
        profile=profile,
        surfaces=chosen,
        deploy=deploy,
        promises=tuple(promises),
        stored=tuple(stored),
    )
    whole = judge(schemas[0], schemas[-1], engines=engines, rules=rules)
    if len(schemas) <= PAIR:
        return whole
    between = tuple(schemas[1:-1])
    if "wireproof" not in engines:
        return replace(whole, between=between)
    parts = [judge(s, schemas[-1], engines=("wireproof",), rules=rules) for s in between]
    comparison = replace(_merged(whole, parts), between=between)
    if profile != "bytes":
        return comparison
    told = list(later(schemas, mode=mode, surfaces=chosen, deploy=deploy, rules=rules))
    return _with_history(comparison, told)


def later(
    schemas: Sequence[Schema],
    *,
    mode: str = "rpc",
    surfaces: Iterable[Surface] | None = None,
    deploy: str = "any",
    rules: tuple[Rule, ...] = RULES,
) -> Iterator[tuple[Stated[Any], list[Finding]]]:
    """What only the history shows: each change, with what the rules find in it."""
    known: set[tuple[str, str, str]] = set()
    for position, change in history_changes([Index(schema) for schema in schemas]):
        if (facts := (change.kind, change.subject, change.promised)) in known:
            continue  # several versions promised the same: the first one speaks for them
        known.add(facts)
        versions = Versions(schemas[position], schemas[-1])
        judge = partial(judged, mode=mode, surfaces=surfaces, deploy=deploy, rules=rules)
        findings = [_dated(finding, change) for finding in judge((change,), versions)]
        yield change, findings


def _dated(finding: Finding, change: Stated[Any]) -> Finding:
    """The finding with a witness that says which versions wrote and read it."""
    if finding.witness is None:
        return finding
    old, new = (side.file.schema.source for side in (change.old, change.new))
    told = "; ".join(part for part in (finding.witness.note, f"old is {old}, new is {new}") if part)
    return replace(finding, witness=replace(finding.witness, note=told))


def _merged(whole: Comparison, parts: Iterable[Comparison]) -> Comparison:
    """*whole* and what only the versions between show, each finding with its version."""
    found = {finding.fingerprint: finding for finding in whole.findings}
    causes = dict(whole.causes)
    for part in parts:
        for finding in part.findings:
            dated = f"{finding.message} (promised by {part.old.source})"
            found.setdefault(finding.fingerprint, replace(finding, message=dated))
        causes = part.causes | causes
    return replace(whole, findings=tuple(found.values()), causes=causes)


def _with_history(
    comparison: Comparison, told: Sequence[tuple[Stated[Any], list[Finding]]]
) -> Comparison:
    """What came back is told once, as such, and not also as the rename that two versions show."""
    causes: dict[str, Change] = {f.fingerprint: change for change, found in told for f in found}
    findings = {f.fingerprint: f for _, found in told for f in found}
    others = []
    for finding in comparison.findings:
        heirs = [key for key, one in findings.items() if supersedes(one, finding)]
        findings |= {key: _inheriting(findings[key], finding) for key in heirs}
        others += [] if heirs else [finding]
    return replace(
        comparison,
        changes=(*comparison.changes, *(change for change, _ in told)),
        findings=(*findings.values(), *others),
        causes=comparison.causes | causes,
    )


def _inheriting(later: Finding, other: Finding) -> Finding:
    """*later* with where and whom *other* hits, and with what buf said of it."""
    return replace(
        later,
        surfaces=tuple(s for s in Surface if s in {*later.surfaces, *other.surfaces}),
        breaks=tuple(who for who in Breaks if who in {*later.breaks, *other.breaks}),
        engines=tuple(sorted({*later.engines, *other.engines})),
        buf=tuple(dict.fromkeys((*later.buf, *other.buf))),
    )
