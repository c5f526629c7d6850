"""Bad input ends with exit code 2 and one sentence that says what to do, never a traceback."""

from __future__ import annotations

import socket
import subprocess

import pytest

CONTRACT = "contract_tests/consumers/directory/contract.yaml"


@pytest.fixture
def nobody() -> str:
    """An address at which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """The one sentence of a command that could not run."""
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    (line,) = done.stderr.strip().splitlines()
    return line


def test_a_ref_that_does_not_exist(pristine):
    line = refused(pristine.run("wireproof", "diff", "git:no-such-ref:schemas", "schemas"))
    assert "no-such-ref" in line


def test_a_release_that_does_not_exist_lists_those_that_do(pristine):
    line = refused(pristine.run("wireproof", "diff", "release:9.9.9", "schemas"))
    assert "9.9.9" in line
    assert "1.0.0" in line


def test_a_broken_proto_is_told_with_its_place(clone):
    clone.replace("schemas/api/user/v1/user.proto", "message UserProfile {", "message UserProfile")
    line = refused(clone.run("wireproof", "diff", "git:HEAD:schemas", "schemas"))
    assert "user.proto:" in line


def test_a_dead_server_under_test(pristine, nobody):
    line = refused(pristine.run("wireproof", "test", nobody))
    assert nobody in line


def test_a_dead_provider(pristine, nobody):
    line = refused(pristine.run("wireproof", "verify", nobody, CONTRACT))
    assert nobody in line


def test_a_malformed_contract_is_told_with_its_line(clone, nobody):
    clone.replace(CONTRACT, "interactions:\n", "interaktions:\n")
    line = refused(clone.run("wireproof", "verify", nobody, CONTRACT))
    assert f"{CONTRACT}:" in line
    assert "interactions" in line


def test_a_shallow_clone_says_how_to_deepen_it(pristine, tmp_path):
    shallow = tmp_path / "shallow"
    subprocess.run(
        ["git", "clone", "-q", "--depth", "1", f"file://{pristine.root}", str(shallow)], check=True
    )
    done = pristine.run("wireproof", "gate", "--root", str(shallow))
    assert done.returncode == 2
    assert "fetch --unshallow" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("gate", "--format", "xml"),
        ("gate", "--report", "json"),
        ("gate", "--root", "no/such/folder"),
        ("diff", "schemas"),
        ("test",),
        ("verify", "127.0.0.1:1"),
        ("verify", "127.0.0.1:1", "no-such-contract.yaml"),
        ("waive", "xyz", "--reason", "r", "--owner", "o"),
        ("no-such-command",),
    ],
    ids=" ".join,
)
def test_wrong_arguments(pristine, arguments):
    done = pristine.run("wireproof", *arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()
