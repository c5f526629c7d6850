"""Reports of shards joined to the report of the whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from wireproof.errors import WireproofError
from wireproof.finding import Finding
from wireproof.testing.outcome import MethodOutcome, TestReport
from wireproof.testing.reach import STATUS_CODES
from wireproof.testing.rounds import Unfinished


class UnlikeReports(WireproofError):
    """Reports that cannot be joined."""


def merged(reports: Sequence[TestReport]) -> TestReport:
    """One report: findings once each, calls summed, coverage united, the longest time.

    Raises UnlikeReports where they are of different seeds, or one shard stands twice.
    """
    _alike(reports)
    methods = _united(reports)
    return TestReport(
        target=", ".join(dict.fromkeys(report.target for report in reports)),
        seed=reports[0].seed,
        calls=sum(report.calls for report in reports),
        duration_s=max(report.duration_s for report in reports),
        methods=methods,
        findings=_once(reports),
        coverage={name: _coverage(reports, name) for name in _names(reports)},
        missed={name: _missed(reports, name) for name in _names(reports)},
        codes={name: _codes(reports, name) for name in _names(reports)},
        stopped="; ".join(dict.fromkeys(r.stopped for r in reports if r.stopped)),
        notes=tuple(dict.fromkeys(note for report in reports for note in report.notes)),
        first_call=min((r.first_call for r in reports if r.first_call), default=None),
        spent=any(report.spent for report in reports),
        unfinished=_unfinished(reports),
        gone=tuple(set.intersection(*(set(report.gone) for report in reports))),
    )


def _unfinished(reports: Sequence[TestReport]) -> tuple[Unfinished, ...]:
    """What some shard did not reach; begun where any of those has begun it."""
    found: dict[tuple[str, str], bool] = {}
    for one in (one for report in reports for one in report.unfinished):
        key = one.phase, one.method
        found[key] = found.get(key, False) or one.begun
    return tuple(Unfinished(phase, method, begun) for (phase, method), begun in found.items())


def _alike(reports: Sequence[TestReport]) -> None:
    seeds = {report.seed for report in reports}
    if len(seeds) > 1:
        raise UnlikeReports(f"cannot merge reports of different seeds: {sorted(seeds)}")
    shards = [report.shard for report in reports if report.shard]
    if twice := sorted({shard for shard in shards if shards.count(shard) > 1}):
        raise UnlikeReports(f"cannot merge: shard {twice[0]} is given twice")
    wholes = {shard.partition("/")[2] for shard in shards}
    if len(wholes) > 1:
        raise UnlikeReports("cannot merge shards of different partitions")
    if wholes and len(shards) < int(next(iter(wholes))):
        missing = set(range(1, int(next(iter(wholes))) + 1)) - {
            int(shard.partition("/")[0]) for shard in shards
        }
        words = ", ".join(f"{one}/{next(iter(wholes))}" for one in sorted(missing))
        raise UnlikeReports(f"cannot merge: the report of shard {words} is missing")


def _names(reports: Sequence[TestReport]) -> list[str]:
    return list(dict.fromkeys(name for report in reports for name in report.coverage))


def _once(reports: Sequence[TestReport]) -> tuple[Finding, ...]:
    """Each finding as the first report tells it; a flaky one gives way to a firm one."""
    found: dict[str, Finding] = {}
    for report in reports:
        for finding in report.findings:
            found.setdefault(finding.fingerprint, finding)
    firm = {finding.subject for finding in found.values() if finding.id != "FLAKY"}
    return tuple(f for f in found.values() if f.id != "FLAKY" or f.subject not in firm)


def _united(reports: Sequence[TestReport]) -> tuple[MethodOutcome, ...]:
    found: dict[str, MethodOutcome] = {}
    for report in reports:
        for method in report.methods:
            known = found.get(method.method)
            found[method.method] = _sum(known, method) if known else method
    return tuple(found.values())


def _sum(one: MethodOutcome, other: MethodOutcome) -> MethodOutcome:
    codes = sorted({*one.statuses, *other.statuses})
    slowest = {
        name: max(one.latency_ms.get(name, 0.0), other.latency_ms.get(name, 0.0))
        for name in {**one.latency_ms, **other.latency_ms}
    }
    return replace(
        one,
        calls=one.calls + other.calls,
        statuses={code: one.statuses.get(code, 0) + other.statuses.get(code, 0) for code in codes},
        tested=one.tested or other.tested,
        withheld=one.withheld and other.withheld,
        latency_ms=slowest,
    )


def _missed(reports: Sequence[TestReport], name: str) -> Mapping[str, tuple[str, ...]]:
    """What none of them reached."""
    rows = [report.missed[name] for report in reports if name in report.missed]
    return {
        what: tuple(one for one in rows[0][what] if all(one in row[what] for row in rows[1:]))
        for what in rows[0]
    }


def _coverage(reports: Sequence[TestReport], name: str) -> Mapping[str, tuple[int, int]]:
    missed = _missed(reports, name)
    rows = [report.coverage[name] for report in reports if name in report.coverage]
    figures = {
        what: (rows[0][what][1] - len(left), rows[0][what][1]) for what, left in missed.items()
    }
    codes = len(_codes(reports, name))
    return {**figures, STATUS_CODES: (codes, rows[0][STATUS_CODES][1])}


def _codes(reports: Sequence[TestReport], name: str) -> tuple[str, ...]:
    return tuple(sorted({code for report in reports for code in report.codes.get(name, ())}))
