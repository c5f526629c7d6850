"""The stages that need the running service: consumer contracts, then generated tests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from wireproof.contracts import load_states, verify
from wireproof.contracts.verify import InteractionResult
from wireproof.errors import MalformedFile
from wireproof.exchange.channel import Target, target_of
from wireproof.finding import Finding
from wireproof.gate.config import FILE, Config, ServiceConfig
from wireproof.gate.contracts import contracts_of
from wireproof.schema.reflection import schema_by_reflection
from wireproof.schema.release import releases
from wireproof.schema.source import load
from wireproof.testing.callers import metadata_of
from wireproof.testing.launch import launched
from wireproof.testing.options import DETERMINISTIC, Options
from wireproof.testing.project import Project
from wireproof.testing.project import load as load_project
from wireproof.testing.runner import run_tests

_LONG = 200
"""Characters of a reason that fit in a table."""
_ENOUGH = 600.0
"""Seconds: the budget of calls ends a run, as time would depend on the machine."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a stage found, and what of it could not run."""

    findings: tuple[Finding, ...] = ()
    stuck: str = ""
    words: str = ""

    def __add__(self, other: Found) -> Found:
        return Found(
            self.findings + other.findings,
            "; ".join(filter(None, (self.stuck, other.stuck))),
            "; ".join(filter(None, (self.words, other.words))),
        )


def consumers(config: Config) -> Found:
    """What the consumers behind the contracts no longer get.

    Raises WireproofError where a service or a contract could not be run at all.
    """
    return sum((_consumers(config, service) for service in config.services), Found())


def services(config: Config) -> Found:
    """What generated tests find in every service: deterministic phases, a fixed seed, a budget."""
    return sum((_tested(config, service) for service in config.services), Found())


def _consumers(config: Config, service: ServiceConfig) -> Found:
    contracts = contracts_of(config, service)
    if not contracts:
        return Found()
    states = load_states(config.root / service.states) if service.states else {}
    known = [load(f"release:{version}", root=config.root) for version in releases(config.root)]
    with _serving(config, service) as target:
        report = verify(contracts, target, schema_by_reflection(target), states, known=known)
    count = len(contracts)
    words = f"{count} contract{'s' if count > 1 else ''}"
    return Found(report.findings, _stuck(report.could_not_run), words)


def _stuck(results: Sequence[InteractionResult]) -> str:
    """The first interaction that could not run, and how many more."""
    if not results:
        return ""
    first = " ".join(results[0].reason.split())
    more = f" (and {len(results) - 1} more)" if len(results) > 1 else ""
    return f"{results[0].name!r}: {first[:_LONG]}{more}"


def _tested(config: Config, service: ServiceConfig) -> Found:
    with _serving(config, service) as target:
        schema = schema_by_reflection(target)
        project = load_project(config.root / service.checks) if service.checks else Project()
        options = Options(
            seed=service.seed,
            max_calls=service.max_calls,
            max_time=_ENOUGH,
            profiles=service.profile,
            phases=DETERMINISTIC,
            project=project,
        )
        report = run_tests(target, schema, options)
    return Found(report.findings, report.stopped, f"{report.calls} calls")


@contextmanager
def _serving(config: Config, service: ServiceConfig) -> Iterator[Target]:
    """The service, started afresh where the configuration says how."""
    metadata = metadata_of(service.headers, _wrong_header)
    if service.target:
        yield target_of(service.target, metadata=metadata)
        return
    with launched(service.start, folder=config.root) as address:
        yield target_of(address, metadata=metadata)


def _wrong_header(reason: str) -> MalformedFile:
    return MalformedFile(FILE, None, f"headers: {reason}")
