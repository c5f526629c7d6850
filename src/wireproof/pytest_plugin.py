"""The pytest plugin: contract tests of a gRPC service, one line away.

    from wireproof.pytest_plugin import contract_tests

    test_service = contract_tests("protos", start="./server --port {port}")

makes a test of each method. Everything heavy is imported when a test runs: the plugin is loaded
in every run of pytest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from wireproof.errors import WireproofError
    from wireproof.testing.options import Options

_TARGET = "the address of a running gRPC server: HOST:PORT"
_START = "a command that serves gRPC on {port}"

# Name → what --help says. Each is an option (--wireproof-NAME) and, with underscores, a setting of
# the ini file; both mean what `wireproof test --NAME` means, and go before the arguments of
# `contract_tests`.
SETTINGS = {
    "target": _TARGET,
    "start": _START,
    "phases": "examples,coverage,stateful,fuzzing,wire: which of them to run",
    "profile": "grpc or grpc,aip",
    "seed": "same seed, same calls",
    "max-calls": "calls for each method",
    "max-time": "seconds for each method",
    "deadline": "seconds of one call",
    "workers": "drawn calls in flight together",
    "header": "metadata of every call, 'KEY: VALUE'; one a line",
    "checks": "the project's own checks, strategies, credentials and hooks (Python)",
    "examples": "the folder in which failures are kept, to be tried first",
    "replays": "the folder in which findings are written, to be shown again",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("wireproof", "contract tests of gRPC services")
    for name, words in SETTINGS.items():
        group.addoption(f"--wireproof-{name}", metavar=name.upper(), help=words)
        parser.addini(f"wireproof_{name.replace('-', '_')}", words)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "wireproof: a generated contract test of a gRPC method")
    for phase in _PHASES:
        config.addinivalue_line("markers", f"wireproof_{phase}: its phase {phase}")


_PHASES = ("examples", "coverage", "stateful", "fuzzing", "wire")


class Servers:
    """The servers of one session (of one xdist worker), each started once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self._started: dict[str, str | WireproofError] = {}

    def started(self, command: str) -> str:
        """The address at which *command* serves. Raises NotStarted: it is tried only once."""
        if command not in self._started:
            self._started[command] = self._start(command)
        came = self._started[command]
        if not isinstance(came, str):
            raise came
        return came

    def _start(self, command: str) -> str | WireproofError:
        from wireproof.errors import WireproofError
        from wireproof.testing.launch import launched

        try:
            return self._stack.enter_context(launched(command, folder=self._folder))
        except WireproofError as error:
            return error

    def close(self) -> None:
        self._stack.close()


@pytest.fixture(scope="session")
def wireproof_servers(pytestconfig: pytest.Config) -> Iterator[Servers]:
    """Starts servers by their commands, and ends them with the session."""
    servers = Servers(pytestconfig.rootpath)
    yield servers
    servers.close()


@pytest.fixture(scope="session")
def wireproof_target(pytestconfig: pytest.Config, wireproof_servers: Servers) -> str:
    """The address under test, from the options or the configuration; override it as you like."""
    address = _setting(pytestconfig, "target")
    if address:
        return address
    command = _setting(pytestconfig, "start")
    if not command:
        pytest.fail(
            "no server to test: give --wireproof-target or --wireproof-start", pytrace=False
        )
    return _started(wireproof_servers, command)


def contract_tests(
    schema: str | Path,
    *,
    target: str | None = None,
    start: str | None = None,
    methods: tuple[str, ...] = (),
    exclude: tuple[str, ...] = (),
    phases: tuple[str, ...] = ("examples", "coverage", "stateful"),
    max_calls: int = 1000,
    seed: int = 0,
    profile: tuple[str, ...] = ("grpc",),
    by_phase: bool = False,
) -> Callable[..., None]:
    """A test function with a case for each method of *schema* (anything that Wireproof reads).

    The server is the one at *target*, or the one that the command *start* serves on `{port}`, or
    that of the fixture `wireproof_target`. Where *schema* cannot be read, collection says why.
    *methods* and *exclude* choose by full or last name.
    A case fails on findings that are errors and shows the calls. *by_phase* makes a case of each
    phase of each method, marked with its phase. The command line and the ini file go first.
    """
    names = [name for name in _method_names(schema) if _chosen(name, methods, exclude)]
    asked = {"phases": phases, "max_calls": max_calls, "seed": seed, "profiles": profile}
    asked["exclude"] = exclude
    cases: list[Any] = [
        pytest.param(name, group, id=_id(name, group), marks=_marks(group))
        for group in (phases if by_phase else (phases,))
        for name in names
    ]

    @pytest.mark.wireproof
    @pytest.mark.parametrize(("method", "phase"), cases)
    def test(method: str, phase: str | tuple[str, ...], request: pytest.FixtureRequest) -> None:
        address = target or _address(request, start)
        chosen = phase if isinstance(phase, tuple) else ("examples", phase)
        _check(address, schema, request.config, method, {**asked, "phases": chosen})

    made: Callable[..., None] = test
    return made


def _id(name: str, group: Any) -> str:
    short = name.rsplit(".", 1)[1]
    return f"{short}-{group}" if isinstance(group, str) else short


def _marks(group: Any) -> list[Any]:
    """`-m wireproof_fuzzing` chooses the cases in which that phase runs."""
    phases = (group,) if isinstance(group, str) else group
    return [getattr(pytest.mark, f"wireproof_{phase}") for phase in phases]


def _method_names(schema: str | Path) -> list[str]:
    from wireproof.errors import WireproofError
    from wireproof.schema.source import load

    try:
        return [method.full_name for method in load(str(schema)).methods()]
    except WireproofError as error:
        why = str(error)
    raise pytest.Collector.CollectError(why)  # told by its sentence alone


def _chosen(name: str, methods: tuple[str, ...], exclude: tuple[str, ...]) -> bool:
    short = name.rsplit(".", 1)[1]
    wanted = not methods or name in methods or short in methods
    return wanted and name not in exclude and short not in exclude


def _address(request: pytest.FixtureRequest, start: str | None) -> str:
    if start is None:
        return str(request.getfixturevalue("wireproof_target"))
    return _started(request.getfixturevalue("wireproof_servers"), start)


def _started(servers: Servers, command: str) -> str:
    from wireproof.errors import WireproofError

    try:
        return servers.started(command)
    except WireproofError as error:
        why = str(error)
    pytest.fail(why, pytrace=False)


def _options(config: pytest.Config, method: str, asked: dict[str, Any]) -> Options:
    from wireproof.checks import Profile
    from wireproof.testing.examples import Examples, database
    from wireproof.testing.options import Options, Phase
    from wireproof.testing.project import Project, load

    said = {name: _setting(config, name) for name in SETTINGS}
    phases = said["phases"].split(",") if said["phases"] else asked["phases"]
    profiles = said["profile"].split(",") if said["profile"] else asked["profiles"]
    root = config.rootpath
    return Options(
        methods=(method,),
        exclude=tuple(asked["exclude"]),
        phases=tuple(Phase(name.strip()) for name in phases),
        max_calls=int(said["max-calls"] or asked["max_calls"]),
        max_time=float(said["max-time"] or 60),
        deadline=float(said["deadline"] or 5),
        workers=int(said["workers"] or 1),
        seed=int(said["seed"] or asked["seed"]),
        profiles=tuple(Profile(name.strip()) for name in profiles),
        project=load(root / said["checks"]) if said["checks"] else Project(),
        examples=database(Examples(folder=said["examples"]), root),
        replays=root / said["replays"] if said["replays"] else None,
        allow_writes=True,  # whoever writes the test names the server
    )


def _check(
    address: str, schema: str | Path, config: pytest.Config, method: str, asked: dict[str, Any]
) -> None:
    from wireproof.errors import WireproofError

    try:
        why = _tested(address, schema, config, method, asked)
    except (WireproofError, ValueError) as error:
        why = f"wireproof could not run: {error}"
    if why:  # outside of the handler, or pytest tells it twice
        pytest.fail(why, pytrace=False)


def _tested(
    address: str, schema: str | Path, config: pytest.Config, method: str, asked: dict[str, Any]
) -> str:
    """Why *method* fails; empty where it passes."""
    from wireproof.errors import MalformedFile
    from wireproof.report.test import tested_text
    from wireproof.schema.source import load
    from wireproof.schema.target import target_of
    from wireproof.testing.callers import metadata_of
    from wireproof.testing.runner import run_tests
    from wireproof.verdict import judge

    lines = [line for line in _setting(config, "header").splitlines() if line.strip()]
    metadata = metadata_of(lines, lambda why: MalformedFile("wireproof_header", None, why))
    target = target_of(address, metadata=metadata)
    report = run_tests(target, load(str(schema)), _options(config, method, asked))
    verdict = judge(report.findings)
    return tested_text(report, verdict) if verdict.stopping else report.stopped


def _setting(config: pytest.Config, name: str) -> str:
    given = config.getoption(f"--wireproof-{name}")
    return str(given or config.getini(f"wireproof_{name.replace('-', '_')}") or "")
