"""`wireproof test`: exit codes, formats, replays, and one sentence where it could not run."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from google.protobuf import descriptor_pb2

from tests.testing.test_runner import Broken
from tests.testing.zoo import Zoo, open_zoo, schema
from wireproof.cli import main

QUICK = ("--phases", "examples,stateful", "--replays")


@pytest.fixture
def image(tmp_path) -> str:
    path = tmp_path / "zoo.binpb"
    files = descriptor_pb2.FileDescriptorSet(file=schema().files)
    path.write_bytes(files.SerializeToString())
    return str(path)


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["test", *words])
    code = ended.value.code
    assert isinstance(code, int)
    return code


def exit_of(kind: type[Zoo], image: str, tmp_path: Path, *words: str) -> int:
    with open_zoo(kind) as (address, _):
        return run(address, "--schema", image, *QUICK, str(tmp_path / "replays"), *words)


def test_a_healthy_server_exits_0_with_a_line_for_each_method(image, tmp_path, capsys):
    """
    What was tested, how often, and how it answered.
    """
    assert exit_of(Zoo, image, tmp_path) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sum(line.startswith("ok zoo.Zoo.") for line in lines) == 5


def test_a_finding_exits_1_and_is_told_in_json(image, tmp_path, capsys):
    """
    The document has the parts that others script against.
    """
    assert exit_of(Broken, image, tmp_path, "--format", "json") == 1
    document = json.loads(capsys.readouterr().out)
    assert document["format_version"] == 1
    assert {"target", "seed", "calls", "duration_s", "methods", "coverage"} <= document.keys()
    (finding,) = document["findings"]
    assert (finding["id"], finding["subject"]) == ("SERVER_FAULT", "zoo.Zoo.FetchBeast")
    assert finding["exchange"]["status"]["code"] == "INTERNAL"
    assert finding["reproduce"]


def test_junit_counts_the_failures(image, tmp_path, capsys):
    """
    A case for each method, the finding in the one that it is about.
    """
    exit_of(Broken, image, tmp_path, "--format", "junit")
    suite = ET.fromstring(capsys.readouterr().out)
    failed = [case.get("name") for case in suite if case.find("failure") is not None]
    assert (suite.get("failures"), failed) == ("1", ["FetchBeast"])


def test_a_replay_shows_the_finding_again(image, tmp_path, capsys):
    """
    The file is enough; on a mended server it shows nothing.
    """
    exit_of(Broken, image, tmp_path)
    (file,) = (tmp_path / "replays").iterdir()
    capsys.readouterr()
    with open_zoo(Broken) as (address, _):
        words = (address, "--schema", image, "--replay", str(file))
        assert run(*words, "--replays", str(tmp_path / "again")) == 1
    with open_zoo() as (address, _):
        assert run(address, "--schema", image, "--replay", str(file)) == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("127.0.0.1:1",), "nothing listens"),
        (("nowhere",), "HOST:PORT"),
        (("127.0.0.1:1", "--schema", "no/such/folder"), "no such file or folder"),
        (("127.0.0.1:1", "--phases", "exmaples"), "did you mean examples?"),
        (("127.0.0.1:1", "--profile", "apis"), "no profile"),
        (("127.0.0.1:1", "--replay", "no/such/file"), "no/such/file"),
    ],
)
def test_what_could_not_run_exits_2_with_one_sentence(words, sentence, capsys):
    """
    No traceback, nothing on stdout.
    """
    assert run(*words) == 2
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert sentence in told.err


def test_a_file_that_is_no_replay_is_refused(tmp_path, capsys):
    """
    Any other JSON is told by its name.
    """
    path = tmp_path / "other.json"
    path.write_text("{}")
    assert run("127.0.0.1:1", "--replay", str(path)) == 2
    assert "no replay" in capsys.readouterr().err


_CHECKS = """
from wireproof.checks import Check
from wireproof.exchange import Exchange
from wireproof.finding import Breach

def never(x):
    yield Breach(x.method.full_name, "nothing", "a call")

CHECKS = (Check(id="NEVER_CALLED", on=Exchange, check=never, says="{subject}: {found}", why="Why.",
                fix="Fix.", source="heuristic"),)
"""


_SERVED = "start: './serve {port}'"


@pytest.mark.parametrize(
    ("services", "code"),
    [
        (f"[{{{_SERVED}, checks: own.py}}]", 1),
        (f"[{{{_SERVED}, checks: own.py}}, {{{_SERVED}, checks: own.py}}]", 1),
        (f"[{{{_SERVED}, checks: own.py}}, {{{_SERVED}}}]", 0),
        (f"[{{{_SERVED}}}]", 0),
    ],
)
def test_the_checks_of_the_repository_are_taken(
    image, tmp_path, monkeypatch, capsys, services, code
):
    """
    Those that all its services name: which of them is served here, nobody has said.
    """
    (tmp_path / "wireproof.yaml").write_text(f"services: {services}\n")
    (tmp_path / "own.py").write_text(_CHECKS)
    monkeypatch.chdir(tmp_path)
    assert exit_of(Zoo, image, tmp_path) == code
    assert ("NEVER_CALLED" in capsys.readouterr().out) == bool(code)
