"""Run every stage and put their findings under the repository's policy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

from wireproof.finding import Severity
from wireproof.gate.attempt import Attempt, attempt
from wireproof.gate.config import WAIVERS, Config
from wireproof.gate.lint import linted
from wireproof.gate.schemas import Compared, compare_all
from wireproof.gate.services import Found, consumers, services
from wireproof.verdict import Policy, Waiver, judge, read_waivers
from wireproof.verdict.judge import expired, unused
from wireproof.verdict.stages import GateReport, Outcome, Stage

T = TypeVar("T")


def run_gate(
    config: Config, *, against: str | None = None, fail_on: Severity | None = None
) -> GateReport:
    """Every stage for the repository of *config*; a stage that cannot run stops no other.

    The schema stages run beside those that need the service. Raises WireproofError only where
    the waivers cannot be read.
    """
    policy = replace(config.policy, fail_on=fail_on) if fail_on else config.policy
    waivers = tuple(
        replace(waiver, path=waiver.path.relative_to(config.root) if waiver.path else None)
        for waiver in read_waivers(config.root / WAIVERS)
    )
    with ThreadPoolExecutor(max_workers=2) as pool:
        linting = pool.submit(attempt, lambda: linted(config))
        comparing = pool.submit(attempt, lambda: compare_all(config, against))
        # grpc.aio stays on this thread: the stages that call the service run here.
        served = [_served("consumers", config, consumers), _served("service", config, services)]
        compared = comparing.result()
        schemas = [
            _stage("lint", linting.result(), Found),
            _stage("breaking", compared, lambda it: Found(it.breaking)),
            _stage("promises", compared, lambda it: Found(it.promises)),
        ]
    stages = _judged([*schemas, *served], policy, waivers)
    return _report(compared.value, stages)


def _report(compared: Compared | None, stages: tuple[Stage, ...]) -> GateReport:
    if compared is None:
        return GateReport(bases=(), head=None, bump="none", stages=stages)
    return GateReport(compared.bases, compared.head, compared.bump, stages)


def _served(name: str, config: Config, work: Callable[[Config], Found]) -> Stage:
    if not config.services:
        words = "wireproof.yaml names no service"
        return Stage(name, Outcome.NOT_CONFIGURED, 0.0, words=words)
    return _stage(name, attempt(lambda: work(config)), lambda found: found)


def _stage(name: str, tried: Attempt[T], found: Callable[[T], Found]) -> Stage:
    """The stage that *tried* stands for, before policy has its say."""
    if tried.value is None:
        return Stage(name, Outcome.COULD_NOT_RUN, tried.seconds, words=str(tried.error))
    it = found(tried.value)
    outcome = Outcome.COULD_NOT_RUN if it.stuck else Outcome.PASSED
    return Stage(name, outcome, tried.seconds, it.findings, it.stuck or it.words)


def _judged(stages: list[Stage], policy: Policy, waivers: tuple[Waiver, ...]) -> tuple[Stage, ...]:
    judged = [_under(policy, waivers, stage) for stage in stages]
    return (*judged, *_waiver_stage(policy, waivers, stages))


def _under(policy: Policy, waivers: tuple[Waiver, ...], stage: Stage) -> Stage:
    verdict = judge(stage.findings, policy, waivers)
    outcome = stage.outcome
    if verdict.stopping:
        outcome = Outcome.FAILED
    return replace(stage, outcome=outcome, findings=verdict.findings)


def _waiver_stage(
    policy: Policy, waivers: tuple[Waiver, ...], stages: list[Stage]
) -> Iterator[Stage]:
    """Waivers that cover nothing, where there are any."""
    found = expired(waivers)
    if not any(stage.outcome is Outcome.COULD_NOT_RUN for stage in stages):
        # A stage that could not run may have found what a waiver covers.
        found += unused(waivers, [finding for stage in stages for finding in stage.findings])
    if found:
        yield _under(policy, (), Stage("waivers", Outcome.PASSED, 0.0, found))
