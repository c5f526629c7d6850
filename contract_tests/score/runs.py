"""One run of the tester against one fault: what it gets is an address, a schema and a seed."""

from __future__ import annotations

import atexit
import subprocess
import sys
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from contract_tests.faults.catalogue import BY_ID, FAULTS, HEALTHY
from contract_tests.faults.names import DISGUISES
from contract_tests.service import tokens
from wireproof.schema.schema import Schema
from wireproof.schema.source import load
from wireproof.testing import Options, TestReport, run_tests
from wireproof.testing.callers import ADMIN, CALLER, OTHER, Caller

ROOT = Path(__file__).parent.parent.parent
BUDGETS = (100, 1_000, 10_000)
SEEDS = 5
LONGEST = 900.0
"""Seconds that a run may take; more than 10,000 calls take on any machine."""
_DAY = 86_400.0
"""Seconds that tokens last."""


@dataclass(frozen=True, slots=True)
class Run:
    """What to test: the fault, the names that the service goes by, the tester's seed."""

    names: str
    fault: str
    seed: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run."""

    names: str
    fault: str
    seed: int
    calls: int
    first_call: int | None
    """How many calls the first finding took; None where nothing was found."""
    by: tuple[str, ...]
    """The checks that found something."""
    stopped: str = ""

    @property
    def run(self) -> Run:
        return Run(self.names, self.fault, self.seed)


def every_run(names: tuple[str, ...], seeds: int = SEEDS) -> list[Run]:
    """All runs, the healthy service first, then every fault by the first seed, and so on."""
    faults = [HEALTHY.id, *(fault.id for fault in FAULTS)]
    return [Run(name, fault, seed) for seed in range(seeds) for name in names for fault in faults]


def outcome(run: Run, budget: int = BUDGETS[-1]) -> dict[str, Any]:
    """Run the tester, until the first finding where there is a fault to be found."""
    fault = BY_ID[run.fault]
    options = Options(
        max_calls=budget,
        max_time=LONGEST,
        seed=run.seed,
        first=fault is not HEALTHY,
        credentials=_callers(),
    )
    report = run_tests(_address(run), _schema(run.names), options)
    found = tuple(sorted({f"{one.id} {one.subject}" for one in report.findings}))
    return asdict(
        Outcome(
            **asdict(run),
            calls=report.calls,
            first_call=report.first_call,
            by=found,
            stopped=report.stopped or _untested(report),
        )
    )


def _untested(report: TestReport) -> str:
    """What a run that found nothing did not look at."""
    untested = () if report.findings else report.untested
    return f"never OK: {', '.join(untested)}" if untested else ""


def _callers() -> dict[str, Caller]:
    """Two callers and an administrator."""
    return {
        CALLER: Caller(tokens.bearer("first-caller", lasts=_DAY), "first-caller"),
        OTHER: Caller(tokens.bearer("second-caller", lasts=_DAY), "second-caller"),
        ADMIN: Caller(tokens.bearer("an-administrator", "admin", lasts=_DAY), "an-administrator"),
    }


@cache
def _schema(names: str) -> Schema:
    return DISGUISES[names].schema(plain_schema())


@cache
def plain_schema() -> Schema:
    """The first version of the service's schema: the one whose servicer has the faults."""
    whole = load(str(ROOT / "schemas"), root=ROOT)
    later = [file.name for file in whole.own_files() if _is_later(file.name)]
    files = tuple(file for file in whole.files if file.name not in later)
    own = frozenset(file.name for file in whole.own_files()) - frozenset(later)
    return Schema(files, source=whole.source, own=own)


def _is_later(file: str) -> bool:
    return file.startswith("api/user/") and not file.startswith("api/user/v1/")


@cache
def _host() -> subprocess.Popen[str]:
    """A process that serves one faulty service after the other: starting Python anew is slow."""
    host = subprocess.Popen(
        [sys.executable, "-m", "contract_tests.faults"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    atexit.register(host.kill)
    return host


def _address(run: Run) -> str:
    host = _host()
    assert host.stdin is not None and host.stdout is not None  # noqa: PT018 (both are pipes)
    host.stdin.write(f"{run.fault} {run.names}\n")
    host.stdin.flush()
    return host.stdout.readline().strip()
