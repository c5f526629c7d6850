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
    from wireproof.testing.options import Options

_TARGET = "the address of a running gRPC server: HOST:PORT"
_START = "a command that serves gRPC on {port}"
_PHASES = "examples,coverage,stateful,fuzzing,wire: which of them to run"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("wireproof", "contract tests of gRPC services")
    group.addoption("--wireproof-target", metavar="HOST:PORT", help=_TARGET)
    group.addoption("--wireproof-start", metavar="COMMAND", help=_START)
    group.addoption("--wireproof-phases", metavar="PHASES", help=_PHASES)
    group.addoption("--wireproof-seed", metavar="N", type=int, help="same seed, same calls")
    group.addoption("--wireproof-max-calls", metavar="N", type=int, help="calls for each method")
    parser.addini("wireproof_target", _TARGET)
    parser.addini("wireproof_start", _START)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "wireproof: a generated contract test of a gRPC method")


class Servers:
    """The servers of one session (of one xdist worker), each started once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self._started: dict[str, str] = {}

    def started(self, command: str) -> str:
        """The address at which *command* serves. Raises NotStarted."""
        from wireproof.testing.launch import launched

        if command not in self._started:
            server = launched(command, folder=self._folder)
            self._started[command] = self._stack.enter_context(server)
        return self._started[command]

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
) -> Callable[..., None]:
    """A test function with a case for each method of *schema* (anything that Wireproof reads).

    The server is the one at *target*, or the one that the command *start* serves on `{port}`, or
    that of the fixture `wireproof_target`. *methods* and *exclude* choose by full or last name.
    A case fails on findings that are errors and shows the calls.
    """
    names = [name for name in _method_names(schema) if _chosen(name, methods, exclude)]
    asked = {"phases": phases, "max_calls": max_calls, "seed": seed, "profiles": profile}
    asked["exclude"] = exclude

    @pytest.mark.wireproof
    @pytest.mark.parametrize("method", names, ids=[name.rsplit(".", 1)[1] for name in names])
    def test(method: str, request: pytest.FixtureRequest) -> None:
        address = target or _address(request, start)
        _check(address, schema, _options(request.config, method, asked))

    return test


def _method_names(schema: str | Path) -> list[str]:
    from wireproof.schema.source import load

    return [method.full_name for method in load(str(schema)).methods()]


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
        pytest.fail(str(error), pytrace=False)


def _options(config: pytest.Config, method: str, asked: dict[str, Any]) -> Options:
    from wireproof.checks import Profile
    from wireproof.testing.options import Options, Phase

    given = config.getoption("--wireproof-phases")
    phases = given.split(",") if given else asked["phases"]
    seed = config.getoption("--wireproof-seed")
    return Options(
        methods=(method,),
        exclude=tuple(asked["exclude"]),
        phases=tuple(Phase(name.strip()) for name in phases),
        max_calls=config.getoption("--wireproof-max-calls") or asked["max_calls"],
        seed=asked["seed"] if seed is None else seed,
        profiles=tuple(Profile(name) for name in asked["profiles"]),
        allow_writes=True,  # whoever writes the test names the server
    )


def _check(address: str, schema: str | Path, options: Options) -> None:
    from wireproof.errors import WireproofError
    from wireproof.report.test import tested_text
    from wireproof.schema.source import load
    from wireproof.testing.runner import run_tests
    from wireproof.verdict import judge

    try:
        report = run_tests(address, load(str(schema)), options)
    except WireproofError as error:
        pytest.fail(str(error), pytrace=False)
    verdict = judge(report.findings)
    if verdict.stopping:
        pytest.fail(tested_text(report, verdict), pytrace=False)
    if report.stopped:
        pytest.fail(report.stopped, pytrace=False)


def _setting(config: pytest.Config, name: str) -> str:
    return str(config.getoption(f"--wireproof-{name}") or config.getini(f"wireproof_{name}") or "")
