"""What the tester costs, next to a client that does nothing but call, and next to schemathesis.

Run it with `python -m benchmarks.bench_test`. Every round starts the UserService afresh for each
side: first the tester runs, all its checks on, then a bare loop sends the very same bytes with as
many calls in flight. Where a request names what the server has named itself, the loop's server has
nothing of that name: the requests are the same, a few answers are NOT_FOUND instead. All three share
the machine, so the server's own time counts on both sides. The medians of the ratios stand in the
table and in `build/bench/test.json`.
The row against schemathesis needs what `make test-system` installs (Envoy, schemathesis).
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import grpc
import grpc.aio

from wireproof.exchange import Method, Script
from wireproof.schema.reflection import schema_by_reflection
from wireproof.schema.schema import Schema
from wireproof.schema.target import target_of
from wireproof.testing import Options, Phase, flight, run_tests
from wireproof.testing.launch import launched

ROOT = Path(__file__).parents[1]
RESULT = Path("build/bench/test.json")
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "7"))
CALLS = int(os.environ.get("BENCH_CALLS", "8000"))
FLAT = int(os.environ.get("BENCH_FLAT", "100000"))
AT_ONCE = 16
UNARY = ("CreateUser", "GetUser", "ListUsers", "UpdateUser", "DeleteUser")
DRAWN = (Phase.EXAMPLES, Phase.FUZZING)

Sent = list[tuple[str, bytes]]
FALSE_ALARMS: list[str] = []
"""What the runs found on the healthy service."""


@contextmanager
def service() -> Iterator[tuple[str, Schema]]:
    """A UserService with nothing in it."""
    with launched(f"{sys.executable} -m service --port {{port}}", folder=ROOT) as address:
        yield address, schema_by_reflection(target_of(address))


@contextmanager
def recorded() -> Iterator[Sent]:
    """What the tester sends in bulk meanwhile: (path, bytes), once it has ended."""
    sent: Sent = []
    made: list[tuple[Method, Script]] = []
    real = flight.quick

    def quick(channel: Any, method: Method, script: Script, note: dict[str, Any]) -> Any:
        made.append((method, script))
        return real(channel, method, script, note)

    flight.quick = quick
    try:
        yield sent
    finally:
        flight.quick = real
        sent += [(method.path, script.steps[0].payload) for method, script in made]


def tested(workers: int, calls: int, **asked: Any) -> tuple[float, Sent]:
    """Calls a second of a whole run, and what it sent."""
    options = Options(
        phases=DRAWN, methods=UNARY, workers=workers, max_calls=calls, max_time=3600, **asked
    )
    with service() as (address, schema), recorded() as sent:
        report = run_tests(address, schema, options)
    for one in report.findings:  # on a healthy service: false, but no reason to lose the figures
        FALSE_ALARMS.append(f"{one.message} (seed {options.seed})")
        print(f"FALSE ALARM {FALSE_ALARMS[-1]}", file=sys.stderr, flush=True)
    return report.calls / report.duration_s, sent


def bare_together(sent: Sent) -> float:
    """Calls a second of grpc.aio, AT_ONCE in flight."""

    async def run(address: str) -> float:
        async with grpc.aio.insecure_channel(address) as channel:
            stubs: Any = {path: channel.unary_unary(path) for path in {path for path, _ in sent}}
            waiting = iter(sent)

            async def worker() -> None:
                for path, payload in waiting:
                    try:
                        await stubs[path](payload, timeout=10)
                    except grpc.aio.AioRpcError:
                        continue

            began = time.perf_counter()
            await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
            return len(sent) / (time.perf_counter() - began)

    with service() as (address, _):
        return asyncio.run(run(address))


def bare_in_turn(sent: Sent) -> float:
    """Calls a second of a synchronous stub, one after the other."""
    with service() as (address, _), grpc.insecure_channel(address) as channel:
        stubs: Any = {path: channel.unary_unary(path) for path in {path for path, _ in sent}}
        began = time.perf_counter()
        for path, payload in sent:
            try:
                stubs[path](payload, timeout=10)
            except grpc.RpcError:
                continue
        return len(sent) / (time.perf_counter() - began)


@dataclass
class Pair:
    """One row: ours and the reference, measured in turn."""

    name: str
    ours: list[float]
    reference: list[float]
    goal: str
    unit: str = "calls/s"

    def row(self) -> dict[str, Any]:
        ratio = statistics.median(a / b for a, b in zip(self.ours, self.reference, strict=True))
        sign, bound = self.goal.split()
        met = ratio >= float(bound) if sign == ">=" else ratio <= float(bound)
        ours, reference = statistics.median(self.ours), statistics.median(self.reference)
        return {
            "name": self.name,
            "ours": round(ours, 3),
            "reference": round(reference, 3),
            "unit": self.unit,
            "ratio": round(ratio, 3),
            "goal": self.goal,
            "met": met,
            "runs": len(self.ours),
        }


def paired(name: str, workers: int, bare: Callable[[Sent], float], goal: str) -> Pair:
    pair = Pair(name, [], [], goal)
    for turn in range(ROUNDS):
        ours, sent = tested(workers, CALLS, seed=turn)
        pair.ours.append(ours)
        pair.reference.append(bare(sent))
    return pair


PAIRED: dict[str, tuple[str, int, Callable[[Sent], float], str]] = {
    "shrinking": ("shrinking, one call at a time", 1, bare_in_turn, ">= 0.40"),
    "throughput": (f"throughput, {AT_ONCE} calls in flight", AT_ONCE, bare_together, ">= 0.80"),
}


def apart(row: str) -> Pair:
    """A row measured in a process of its own: what the other rows leave behind slows no one."""
    script = f"from benchmarks.bench_test import tell; tell({row!r})"
    done = subprocess.run(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT
    )
    said = json.loads(done.stdout)
    FALSE_ALARMS.extend(said.pop("false_alarms"))
    return Pair(**said)


def tell(row: str) -> None:
    """Measure *row* and print it."""
    print(json.dumps({**asdict(paired(*PAIRED[row])), "false_alarms": FALSE_ALARMS}))


def flatness() -> Pair:
    """Resident memory after FLAT calls, next to that after a tenth of them."""
    script = f"from benchmarks.bench_test import grown; grown({FLAT})"
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout.split()
    return Pair(
        f"memory after {FLAT} calls", [float(said[1])], [float(said[0])], "<= 1.1", unit="MB"
    )


def grown(calls: int) -> None:
    """Print the most memory used after a tenth of the calls, and after all of them, in MB."""
    with service() as (address, schema):
        for count in (calls // 10, calls):
            options = Options(
                phases=DRAWN, methods=UNARY, workers=AT_ONCE, max_calls=count, max_time=3600
            )
            run_tests(address, schema, options)
            print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def started() -> Pair:
    """Seconds of `wireproof test --help`, against 0.3."""
    command = str(Path(sys.executable).parent / "wireproof")
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        subprocess.run([command, "test", "--help"], capture_output=True, check=True)
        times.append(time.perf_counter() - began)
    return Pair("wireproof test --help, to 0.3 s", times, [0.3] * len(times), "<= 1", unit="s")


def main() -> int:
    pairs = [*map(apart, PAIRED), flatness(), started()]
    missing = [name for name in ("schemathesis", "envoy") if not importlib.util.find_spec(name)]
    if not missing:
        from benchmarks.rest import rates

        rest = Pair("gRPC by us, REST by schemathesis", [], [], ">= 10", unit="requests/s")
        for _ in range(ROUNDS):
            ours, reference = rates(CALLS)
            rest.ours.append(ours)
            rest.reference.append(reference)
        pairs.append(rest)
    rows = [pair.row() for pair in pairs]
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    result = {"machine": platform.platform(), "rows": rows, "false_alarms": FALSE_ALARMS}
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    for one in rows:
        met = "met" if one["met"] else "NOT MET"
        print(f"{one['ours']:>10} {one['reference']:>10} {one['ratio']:>7} {met:<8} {one['name']}")
    for name in missing:
        print(f"{'-':>10} {'-':>10} {'-':>7} {'MISSING':<8} REST: {name} (make test-system)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
