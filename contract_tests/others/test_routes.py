"""A service of all four styles, as the tutorials have it, in Go (grpc-go) and in Node (grpc-js)."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from contract_tests.others.known import Known, surprises
from contract_tests.others.page import Told
from wireproof.schema.reflection import schema_by_reflection
from wireproof.schema.source import load
from wireproof.testing import Options, run_tests
from wireproof.testing.launch import launched

pytestmark = pytest.mark.system

HERE = Path(__file__).parent
PROTO = HERE / "proto"
OPTIONS = Options(max_calls=600, deadline=20.0, max_time=900.0)
GENERATORS = (
    "google.golang.org/protobuf/cmd/protoc-gen-go",
    "google.golang.org/grpc/cmd/protoc-gen-go-grpc",
)


def run(*command: str, folder: Path, **environment: str) -> None:
    """Run a tool in *folder*; what it says is shown when it fails."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def in_go(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The command that starts the server in Go, built from the locked modules."""
    folder = tmp_path_factory.mktemp("go")
    shutil.copytree(HERE / "go", folder, dirs_exist_ok=True)
    run("go", "build", "-o", "bin/", *GENERATORS, folder=folder)
    generate = [
        f"--{kind}_{word}" for kind in ("go", "go-grpc") for word in ("out=.", "opt=module=routes")
    ]
    run(
        *(sys.executable, "-m", "grpc_tools.protoc", f"-I{PROTO}", *generate, "routes.proto"),
        folder=folder,
        PATH=f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
    )
    run("go", "build", "-o", "bin/routes", ".", folder=folder)
    return f"{shlex.quote(str(folder / 'bin' / 'routes'))} {{port}}"


@pytest.fixture(scope="module")
def in_node(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The command that starts the server in Node, with the locked packages."""
    folder = tmp_path_factory.mktemp("node")
    for name in ("package.json", "package-lock.json", ".npmrc", "server.js"):
        shutil.copy(HERE / "node" / name, folder)
    run("npm", "ci", "--loglevel=error", folder=folder)
    server, proto = shlex.quote(str(folder / "server.js")), shlex.quote(str(PROTO / "routes.proto"))
    return f"node {server} {proto} {{port}}"


def test_nothing_is_found_at_a_server_in_go(in_go: str, told: Told) -> None:
    """
    By its address alone; reflection of grpc-go tells the schema, that of its health service too.
    """
    with launched(in_go, folder=HERE) as address:
        report = told("grpc-go", run_tests(address, schema_by_reflection(address), OPTIONS))
        health = schema_by_reflection(address, infrastructure=True)
        services = Options(
            services=("grpc.health.v1.Health",), max_calls=300, deadline=20.0, max_time=900.0
        )
        also = told("grpc-go", run_tests(address, health, services))
    assert surprises(report, Known()) + surprises(also, Known()) == []


def test_nothing_is_found_at_a_server_in_node(in_node: str, told: Told) -> None:
    """
    Where protobuf.js is lenient the application cannot help it.
    """
    with launched(in_node, folder=HERE) as address:
        report = told("grpc-js", run_tests(address, load(str(PROTO)), OPTIONS))
    assert surprises(report, Known()) == []
