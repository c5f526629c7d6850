"""The pytest plugin, as its users run it: in a run of its own."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from google.protobuf import descriptor_pb2

from tests.testing.zoo import open_zoo, schema
from wireproof.cli.test import test as command
from wireproof.pytest_plugin import SETTINGS

pytest_plugins = ["pytester"]
ROOT = Path(__file__).parents[2]

TEST = """
from wireproof.pytest_plugin import contract_tests

test_zoo = contract_tests({image!r}, methods=("FetchBeast", "RemoveBeast"), phases=("examples",))
"""
SERVE = """
import sys, time
sys.path.insert(0, {root!r})
from tests.testing import zoo
from tests.testing.test_runner import Broken
with zoo.open_zoo({kind}, port=int(sys.argv[1])):
    time.sleep(600)
"""


@pytest.fixture
def suite(pytester):
    """A folder with the zoo's schema and the one line that tests it."""
    image = pytester.path / "zoo.binpb"
    files = descriptor_pb2.FileDescriptorSet(file=schema().files)
    image.write_bytes(files.SerializeToString())
    pytester.makepyfile(test_zoo=TEST.format(image=str(image)))
    return pytester


def run(suite, *words: str):
    plain = ("-p", "no:cacheprovider", "-p", "no:asyncio", "-p", "no:xdist", "-p", "no:hypothesis")
    return suite.runpytest_subprocess(*plain, *words)


def test_one_line_makes_a_test_of_each_method(suite):
    """
    Against a server that runs already.
    """
    with open_zoo() as (address, _):
        result = run(suite, "-v", "--wireproof-target", address)
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*test_zoo?FetchBeast? PASSED*"])


def test_a_command_starts_the_server_and_a_failure_reads_as_a_report(suite):
    """
    The finding and its call, no traceback of ours.
    """
    serve = suite.makepyfile(serve=SERVE.format(root=str(ROOT), kind="Broken"))
    command = f"{sys.executable} {serve} {{port}}"
    result = run(suite, "--wireproof-start", command, "--wireproof-phases", "stateful")
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["error SERVER_FAULT*", "*status INTERNAL*"])
    assert "Traceback" not in result.stdout.str()


def test_a_server_that_does_not_start_is_tried_once_and_told_in_a_sentence(suite):
    """
    Nobody waits again for each method.
    """
    serve = suite.makepyfile(
        serve="open('started', 'a').write('once'); raise SystemExit('no disk')"
    )
    result = run(suite, "--wireproof-start", f"{sys.executable} {serve} {{port}}")
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["cannot start *: it ended with exit code 1: no disk"])
    assert "During handling" not in result.stdout.str()
    assert (suite.path / "started").read_text() == "once"


def test_a_schema_that_cannot_be_read_is_told_in_a_sentence(suite):
    """
    What to give instead, without the stack of the import.
    """
    (suite.path / "test_zoo.py").write_text(TEST.format(image="nowhere.binpb"))
    result = run(suite)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["cannot read the schema nowhere.binpb: there is no such file*"])
    assert "source.py" not in result.stdout.str()


def test_without_a_server_the_sentence_says_what_to_give(suite):
    """
    Nothing to test is no success.
    """
    result = run(suite)
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*--wireproof-target*"])


def test_each_phase_is_a_case_with_its_mark(suite):
    """
    `-m` chooses among them, as among any tests.
    """
    text = (suite.path / "test_zoo.py").read_text()
    both = text.replace('("examples",)', '("examples", "coverage"), by_phase=True')
    (suite.path / "test_zoo.py").write_text(both)
    with open_zoo() as (address, _):
        result = run(suite, "-v", "--wireproof-target", address, "-m", "wireproof_coverage")
    result.assert_outcomes(passed=2, deselected=2)
    result.stdout.fnmatch_lines(["*test_zoo?FetchBeast-coverage? PASSED*"])


def test_the_ini_file_says_what_the_command_line_says(suite):
    """
    And the command line goes first.
    """
    settings = "[pytest]\nwireproof_phases = nonsense\nwireproof_header = x-one: 1\n"
    (suite.path / "pytest.ini").write_text(settings)
    with open_zoo() as (address, _):
        result = run(suite, "--wireproof-target", address)
        result.assert_outcomes(failed=2)
        result.stdout.fnmatch_lines(["*could not run: 'nonsense'*"])
        given = ("--wireproof-target", address, "--wireproof-phases", "examples")
        run(suite, *given).assert_outcomes(passed=2)


def test_every_option_is_that_of_the_command():
    """
    Nobody learns two sets of names.
    """
    names = {option for parameter in command.params for option in parameter.opts}
    ours = set(SETTINGS) - {"target", "start"}
    assert {f"--{name}" for name in ours} <= names


def test_the_cases_run_in_several_processes(suite):
    """
    With xdist each process starts a server of its own.
    """
    serve = suite.makepyfile(serve=SERVE.format(root=str(ROOT), kind="zoo.Zoo"))
    command = f"{sys.executable} {serve} {{port}}"
    plain = ("-p", "no:cacheprovider", "-p", "no:asyncio", "-p", "no:hypothesis")
    result = suite.runpytest_subprocess(*plain, "-n", "2", "--wireproof-start", command)
    result.assert_outcomes(passed=2)
