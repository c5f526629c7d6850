"""What the whole UserService costs, next to a grpc.aio server that only echoes.

Run it with `python -m benchmarks.bench_service`; it needs h2load (Debian: nghttp2-client). The
service runs as in production: JWT, rate limit, metrics, sampled traces, logs at info, validation.
Rounds alternate between the two servers in shuffled order; the medians stand in the table and in
`build/bench/service.json`. A PostgreSQL is measured too: the one whose URL BENCH_POSTGRES is, else
one of its own, as durable as PostgreSQL is by default, where its programs are installed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import platform
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import jwt
from api.user.v1 import user_pb2
from api.user.v1 import user_requests_pb2 as requests
from api.user.v1.user_service_pb2_grpc import UserServiceStub

from benchmarks.blast import blast
from benchmarks.service_streams import SUBSCRIBERS, compared, idle
from contract_tests.postgres import cluster, installed

ROUNDS = 7
CALLS = 4_000
FEW, MANY = 16, 64  # calls in progress: a commit that waits for the disk is shared by them
RESULT = Path("build/bench/service.json")

SECRET = "bench-secret-of-more-than-thirty-two-bytes"
ADMIN = jwt.encode({"sub": "bench", "role": "admin", "exp": time.time() + 86400}, SECRET, "HS256")
HEADERS = {"authorization": f"Bearer {ADMIN}"}
AS_ADMIN = tuple(HEADERS.items())
SERVICE = "/api.user.v1.UserService"
FULL_CHAIN = [
    *("--auth", "jwt:HS256:BENCH_SECRET", "--rate", "1000000", "--rate-burst", "1000000"),
    *("--metrics-port", "0", "--trace-share", "0.01", "--trace-to", "console"),
    *("--log-level", "info"),
]
TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Running:
    """A server in a process of its own."""

    process: subprocess.Popen[str]
    address: str
    metrics: str = ""

    @property
    def cpu(self) -> float:
        """CPU seconds that it has used."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(stat[11]) + int(stat[12])) / TICK

    @property
    def memory(self) -> int:
        """Resident bytes."""
        statm = Path(f"/proc/{self.process.pid}/statm").read_text().split()
        return int(statm[1]) * os.sysconf("SC_PAGE_SIZE")

    def answered(self, method: str) -> int:
        """Calls that ended with OK: load generators take any status for a success."""
        text = urllib.request.urlopen(f"{self.metrics}/metrics").read().decode()
        line = rf'requests_total{{grpc_code="OK",grpc_method="{method}",.*}} ([0-9.e+]+)'
        found = re.search(line, text)
        return int(float(found[1])) if found else 0


@contextlib.contextmanager
def running(log: Path, *arguments: str) -> Iterator[Running]:
    """`python -m …` until the block ends; what it logs goes to a file."""
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=os.environ | {"BENCH_SECRET": SECRET, "GRPC_VERBOSITY": "NONE"},
        )
        try:
            assert process.stdout is not None
            address = process.stdout.readline().split()[-1]
            metrics = re.search(r"metrics on (\S+)/metrics", log.read_text())
            yield Running(process, address, metrics[1] if metrics else "")
        finally:
            process.terminate()
            process.wait()


def h2load(address: str, path: str, body: bytes, headers: dict[str, str]) -> float:
    """Calls a second with 16 in progress."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"\0" + len(body).to_bytes(4, "big") + body)
        file.flush()
        asked = {"content-type": "application/grpc", "te": "trailers", **headers}
        lines = [part for name, value in asked.items() for part in ("-H", f"{name}: {value}")]
        load = ["-n", str(CALLS), "-c", "4", "-m", "4", "-d", file.name, *lines]
        command = ["h2load", *load, f"http://{address}{path}"]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"([\d.]+) req/s", said)
    assert found is not None, said
    assert f"{CALLS} succeeded" in said, said
    return float(found[1])


@dataclass
class Measured:
    """Of one kind of load on one server: calls a second, CPU seconds a call."""

    load: Callable[[], float]
    server: Running
    rates: list[float] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)

    def measure(self, counts: bool) -> None:
        cpu = self.server.cpu
        rate = self.load()
        if counts:
            self.rates.append(rate)
            self.costs.append((self.server.cpu - cpu) / CALLS)

    @property
    def rate(self) -> float:
        return statistics.median(self.rates)

    @property
    def cost(self) -> float:
        return statistics.median(self.costs)


def creating(server: Running, at_once: int) -> Callable[[], float]:
    """Creates users that were not there, that many at the same time."""

    def load() -> float:
        run = uuid.uuid4().hex
        users = (
            user_pb2.User(email=f"{run}-{n}@example.org", display_name="Ada") for n in range(CALLS)
        )
        bodies = [requests.CreateUserRequest(user=user).SerializeToString() for user in users]
        before = server.answered("CreateUser")
        seconds = blast(server.address, f"{SERVICE}/CreateUser", bodies, HEADERS, at_once)
        assert server.answered("CreateUser") - before == CALLS
        return CALLS / seconds

    return load


def getting(server: Running) -> Callable[[], float]:
    """Reads one user."""
    body = requests.GetUserRequest(user_id="bench").SerializeToString()

    def load() -> float:
        before = server.answered("GetUser")
        rate = h2load(server.address, f"{SERVICE}/GetUser", body, HEADERS)
        assert server.answered("GetUser") - before == CALLS
        return rate

    return load


def echoing(server: Running, size: int) -> dict[str, Callable[[], float]]:
    """The reference of each kind of load, by the same generator."""
    body, path = b"x" * size, "/bench.Echo/Echo"
    bodies = [body] * CALLS
    return {
        "get": lambda: h2load(server.address, path, body, {}),
        "create": lambda: CALLS / blast(server.address, path, bodies, {}, FEW),
        "create many": lambda: CALLS / blast(server.address, path, bodies, {}, MANY),
    }


async def populate(server: Running) -> None:
    """The user that is read."""
    user = user_pb2.User(user_id="bench", email="bench@example.org", display_name="Ada")
    async with grpc.aio.insecure_channel(server.address) as channel:
        stub: Any = UserServiceStub(channel)  # type: ignore[no-untyped-call]
        await stub.CreateUser(requests.CreateUserRequest(user=user), metadata=HEADERS.items())


def row(name: str, unit: str, ours: float, reference: float, goal: str) -> dict[str, Any]:
    """A row of the result; the goal (`>= 0.6`, `<= 1.8`) is about the ratio."""
    ratio = ours / reference
    sign, bound = goal.split()
    met = ratio >= float(bound) if sign == ">=" else ratio <= float(bound)
    rounded = {"ours": round(ours, 4), "reference": round(reference, 4), "ratio": round(ratio, 3)}
    return {"name": name, **rounded, "unit": unit, "goal": goal, "met": met, "runs": ROUNDS}


def measured(all_of: dict[str, Measured]) -> None:
    """Every load once a round, in shuffled order; the first round warms up."""
    for turn in range(ROUNDS + 1):
        names = list(all_of)
        random.Random(turn).shuffle(names)
        for name in names:
            all_of[name].measure(counts=turn > 0)


def rows_of(store: str, db: str, folder: Path, goals: tuple[float, float]) -> list[dict[str, Any]]:
    service = ["service", "--port", "0", "--db", db, *FULL_CHAIN]
    with (
        running(folder / "echo.log", "benchmarks.echo") as echo,
        running(folder / "service.log", *service) as server,
    ):
        asyncio.run(populate(server))
        references = echoing(echo, 60)
        loads = {
            "get": Measured(getting(server), server),
            "create": Measured(creating(server, FEW), server),
            "create many": Measured(creating(server, MANY), server),
            "echo of get": Measured(references["get"], echo),
            "echo of create": Measured(references["create"], echo),
            "echo of create many": Measured(references["create many"], echo),
        }
        measured(loads)
        get, create = loads["get"], loads["create"]
        get_echo, create_echo = loads["echo of get"], loads["echo of create"]
        many, many_echo = loads["create many"], loads["echo of create many"]
        cost, echo_cost = get.cost * 1e3, get_echo.cost * 1e3
        memory, share = asyncio.run(idle(server, AS_ADMIN))
    waiting = f"{SUBSCRIBERS} idle subscribers, {store}"
    return [
        row(f"GetUser, {store}", "calls/s", get.rate, get_echo.rate, f">= {goals[0]}"),
        row(f"GetUser, {store}, CPU", "ms a call", cost, echo_cost, "<= 1.8"),
        row(f"CreateUser, {store}", "calls/s", create.rate, create_echo.rate, f">= {goals[1]}"),
        row(
            f"CreateUser, {store}, 64 at once",
            "calls/s",
            many.rate,
            many_echo.rate,
            f">= {goals[1]}",
        ),
        row(f"{waiting}, against 50", "MB", memory / 1e6, 50, "<= 1"),
        row(f"{waiting}, CPU against 5 %", "share of a core", share, 0.05, "<= 1"),
    ]


def event_rows(folder: Path) -> Iterator[dict[str, Any]]:
    """What batches save; most of what is left is compression, so there is a row without."""
    for name, flags in (("", ()), (", uncompressed", ("--gzip-above", "0"))):
        db = f"sqlite://{folder}/events{len(flags)}.db"
        chain = ["service", "--port", "0", "--db", db, *FULL_CHAIN, *flags]
        with running(folder / "events.log", *chain) as server:
            batched, single = asyncio.run(compared(server.address, AS_ADMIN))
        yield row(f"events in batches against single{name}", "events/s", batched, single, ">= 25")


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """The URL of an empty database, empty where there is none to be had."""
    if url := os.environ.get("BENCH_POSTGRES"):
        yield url
    elif installed():
        with cluster("fsync=on") as made:
            yield made.new_database()
    else:
        sys.stderr.write("bench_service: no PostgreSQL here (scripts/install-system-packages)\n")
        yield ""


def main() -> int:
    if shutil.which("h2load") is None:
        sys.stderr.write("bench_service: h2load is missing (Debian: nghttp2-client)\n")
        return 2
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        rows += rows_of("SQLite", f"sqlite://{folder}/users.db", Path(folder), (0.60, 0.50))
        with postgres() as url:
            if url:
                rows += rows_of("PostgreSQL", url, Path(folder), (0.50, 0.40))
        rows += event_rows(Path(folder))
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps({"machine": platform.platform(), "rows": rows}, indent=2) + "\n")
    for one in rows:
        met = "met" if one["met"] else "NOT MET"
        print(f"{one['ours']:>12} {one['reference']:>12} {one['ratio']:>7} {met:<8} {one['name']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
