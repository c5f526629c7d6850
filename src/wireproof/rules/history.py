"""Compare sources: two versions, or a history, oldest first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

from wireproof.changes.change import Change
from wireproof.changes.history import reused_later
from wireproof.changes.kinds import ReusedLater
from wireproof.changes.versions import Versions
from wireproof.finding import Finding, Surface
from wireproof.rules.engine import ENGINES, Comparison, compare, judged
from wireproof.rules.rule import Rule
from wireproof.rules.table import RULES
from wireproof.schema.index import Index
from wireproof.schema.schema import Schema
from wireproof.schema.source import load


def compare_sources(
    sources: Sequence[str],
    *,
    mode: str = "rpc",
    profile: str = "bytes",
    surfaces: Iterable[Surface] | None = None,
    deploy: str = "any",
    engines: tuple[str, ...] = ENGINES,
    root: Path | None = None,
) -> Comparison:
    """Load *sources* side by side and compare them as a history."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        schemas = list(pool.map(lambda source: load(source, root=root), sources))
    return compare_history(
        schemas,
        mode=mode,
        profile=profile,
        surfaces=surfaces,
        deploy=deploy,
        engines=engines,
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
) -> Comparison:
    """The last version held against every earlier one, oldest first.

    The changes are those from the first to the last; a break that only a version between shows is
    added, and so is what only the history shows: numbers and names that came back as something
    else. buf judges the first against the last.
    """
    judge = partial(
        compare,
        mode=mode,
        profile=profile,
        surfaces=tuple(surfaces) if surfaces else None,
        deploy=deploy,
        rules=rules,
        promises=tuple(promises),
    )
    whole = judge(schemas[0], schemas[-1], engines=engines)
    if len(schemas) < 3 or "wireproof" not in engines:
        return whole
    parts = [judge(early, schemas[-1], engines=("wireproof",)) for early in schemas[1:-1]]
    comparison = _merged(whole, parts)
    if profile != "bytes":
        return comparison
    of_histories = partial(
        judged,
        mode=mode,
        surfaces=tuple(surfaces) if surfaces else None,
        deploy=deploy,
        rules=rules,
    )
    return _with_reuse(comparison, schemas, of_histories)


def _merged(whole: Comparison, parts: Iterable[Comparison]) -> Comparison:
    """*whole* and what only the versions between show."""
    found = {finding.fingerprint: finding for finding in whole.findings}
    causes = dict(whole.causes)
    for part in parts:
        found = {f.fingerprint: f for f in part.findings} | found
        causes = part.causes | causes
    return replace(whole, findings=tuple(found.values()), causes=causes)


def _with_reuse(
    comparison: Comparison, schemas: Sequence[Schema], judge: Callable[..., Iterable[Finding]]
) -> Comparison:
    """Reuse is told once, as such, and not also as the rename that two versions make of it."""
    reused: dict[tuple[str, str, str], tuple[int, ReusedLater]] = {}
    for position, change in reused_later([Index(schema) for schema in schemas]):
        key = change.kind, change.subject, change.before
        reused.setdefault(key, (position, change))
    found: dict[str, tuple[Finding, Change]] = {}
    for position, change in reused.values():
        for finding in judge((change,), Versions(schemas[position], schemas[-1])):
            found.setdefault(finding.fingerprint, (finding, change))
    told = {finding.subject for finding, _ in found.values()}
    others = [f for f in comparison.findings if f.subject not in told]
    return replace(
        comparison,
        changes=(*comparison.changes, *(change for _, change in reused.values())),
        findings=(*(finding for finding, _ in found.values()), *others),
        causes=comparison.causes | {key: change for key, (_, change) in found.items()},
    )
