"""Every command starts fast, explains itself, and ends with the exit code that it promises."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from wireproof.cli.main import COMMANDS, group, main

HEAVY = ("grpc", "hypothesis", "protovalidate", "rich", "yaml")


def test_a_mistake_of_ours_is_a_sentence_and_exit_2(monkeypatch, capsys):
    def broken(**_: object) -> None:
        raise IndexError("list index out of range")

    monkeypatch.setattr(group, "main", broken)
    with pytest.raises(SystemExit) as ended:
        main(["gate"])
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("wireproof: internal error (IndexError: list index out of range)")


def test_a_mistyped_command_is_told_the_nearest_one(capsys):
    """
    As every other name that nothing has.
    """
    with pytest.raises(SystemExit) as ended:
        main(["tset"])
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert told.startswith("wireproof: no command 'tset'; did you mean test? (known: diff, gate, ")


def test_the_traceback_is_there_for_who_asks(monkeypatch, capsys):
    def broken(**_: object) -> None:
        raise IndexError

    monkeypatch.setattr(group, "main", broken)
    monkeypatch.setenv("WIREPROOF_TRACEBACK", "1")
    with pytest.raises(SystemExit):
        main(["gate"])
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command):
    done = CliRunner().invoke(group, [command, "--help"])
    assert done.exit_code == 0
    assert done.output.startswith(f"Usage: group {command} ")
    assert len(done.output.splitlines()) > 5


@pytest.mark.parametrize("command", COMMANDS)
def test_help_loads_nothing_heavy(command):
    """A help page that takes a second is not read twice."""
    code = (
        "import sys\nfrom wireproof.cli.main import main\n"
        f"try: main(['{command}', '--help'])\nexcept SystemExit: pass\n"
        f"print([m for m in {HEAVY} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_every_command_is_in_the_readme():
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    assert [name for name in COMMANDS if f"wireproof {name}" not in readme] == []


SILENT = """
import os, socket, sys
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print(os.getpid(), file=open("told", "w"), flush=True)
held = open("lives", "w")
while True:
    connection = server.accept()[0]
    connection.sendall(bytes(9))
"""


def test_a_cancelled_gate_leaves_no_service_behind(tmp_path):
    """
    A cancelled job sends SIGTERM: what the gate started ends before the gate does.
    """
    (tmp_path / "serve.py").write_text(SILENT)
    (tmp_path / "wireproof.yaml").write_text("services: [{start: 'python serve.py {port}'}]\n")
    (tmp_path / "a.proto").write_text('syntax = "proto3"; package a.v1; message A {}\n')
    for pipe in ("told", "lives"):
        os.mkfifo(tmp_path / pipe)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    code = "from wireproof.cli.main import main; main(['gate'])"
    gate = subprocess.Popen(
        [sys.executable, "-c", code], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    with (tmp_path / "told").open() as told, (tmp_path / "lives").open() as lives:
        assert int(told.read()) != gate.pid
        gate.send_signal(signal.SIGTERM)
        assert lives.read() == ""  # the service held it open, and is gone
    assert gate.wait() == 128 + signal.SIGTERM
