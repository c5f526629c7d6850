"""Turn findings into a verdict."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

from wireproof.finding import Finding, Location
from wireproof.severities import DEFAULTS
from wireproof.verdict.policy import Policy
from wireproof.verdict.waivers import Waiver

_DEFAULT_POLICY = Policy()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Findings with their severities decided and their waivers applied."""

    findings: tuple[Finding, ...]
    stopping: tuple[Finding, ...]
    """Those that stop the change."""

    @property
    def word(self) -> str:
        return "breaking" if self.stopping else "compatible"

    @property
    def exit_code(self) -> int:
        return 1 if self.stopping else 0


def judge(
    findings: Iterable[Finding],
    policy: Policy = _DEFAULT_POLICY,
    waivers: Iterable[Waiver] = (),
    *,
    today: dt.date | None = None,
) -> Verdict:
    """Weigh *findings* by *policy*; a waiver in force covers the finding whose facts it names."""
    today = today or dt.datetime.now(dt.UTC).date()
    in_force = {w.fingerprint: w for w in waivers if w.expires >= today}
    judged = tuple(_judged(finding, policy, in_force) for finding in findings)
    return Verdict(judged, tuple(f for f in judged if policy.stops(f)))


def expired(waivers: Iterable[Waiver], *, today: dt.date | None = None) -> tuple[Finding, ...]:
    """Waivers that have run out, as findings; *today* is the day in UTC by default."""
    today = today or dt.datetime.now(dt.UTC).date()
    return tuple(
        _about(waiver, "WAIVER_EXPIRED", f"until {waiver.expires}", "expired")
        for waiver in waivers
        if waiver.expires < today
    )


def unused(
    waivers: Iterable[Waiver], findings: Iterable[Finding], *, today: dt.date | None = None
) -> tuple[Finding, ...]:
    """Waivers that hold *today*, and whose finding is not among *findings*, as findings."""
    today = today or dt.datetime.now(dt.UTC).date()
    seen = {finding.fingerprint for finding in findings}
    return tuple(
        _about(waiver, "WAIVER_UNUSED", "a finding to waive", "no such finding")
        for waiver in waivers
        if waiver.expires >= today and waiver.fingerprint not in seen
    )


def _judged(finding: Finding, policy: Policy, waivers: dict[str, Waiver]) -> Finding:
    severity, waiver = policy.severity(finding), waivers.get(finding.fingerprint)
    waived = waiver.reason if waiver else None
    if (severity, waived) == (finding.severity, finding.waived):
        return finding
    return replace(finding, severity=severity, waived=waived)


def _about(waiver: Waiver, rule: str, promised: str, found: str) -> Finding:
    return Finding(
        id=rule,
        subject=waiver.fingerprint,
        promised=promised,
        found=found,
        severity=DEFAULTS[rule],
        message=f"the waiver of {waiver.owner} ({waiver.reason}) covers nothing: {found}",
        fix="Renew it with a new date, or remove the file.",
        location=Location(str(waiver.path)) if waiver.path else None,
    )
