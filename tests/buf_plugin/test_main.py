"""The executable as buf starts it: calls, forms, wrong input, start-up."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.buf_plugin.support import PLUGIN, refused, run, wrapped
from wireproof.buf_plugin.messages import message
from wireproof.buf_plugin.rpc import INTERNAL


def test_the_protocol_is_version_1():
    """
    The first thing that buf asks.
    """
    assert run("--protocol").stdout == b"1\n"


def test_the_spec_says_how_each_procedure_is_called():
    """
    A path and an argument for each of the service's three methods.
    """
    told = message("pluginrpc.v1.Spec", run("--spec", "--format", "binary").stdout)
    assert {p.path: list(p.args) for p in told.procedures} == {
        "/buf.plugin.check.v1.CheckService/Check": ["check"],
        "/buf.plugin.check.v1.CheckService/ListRules": ["list-rules"],
        "/buf.plugin.check.v1.CheckService/ListCategories": ["list-categories"],
    }


def test_a_procedure_is_called_by_its_path_too():
    """
    Pluginrpc falls back to it where a procedure has no arguments.
    """
    by_path = run("/buf.plugin.check.v1.CheckService/ListCategories")
    assert by_path.stdout == run("list-categories").stdout != b""


def test_json_says_the_same_as_binary():
    """
    Requests and responses travel in either form.
    """
    asked = {"value": {"@type": "type.googleapis.com/buf.plugin.check.v1.ListRulesRequest"}}
    told = json.loads(run("list-rules", "--format=json", stdin=json.dumps(asked).encode()).stdout)
    binary = message("pluginrpc.v1.Response", run("list-rules").stdout)
    rules = message("buf.plugin.check.v1.ListRulesResponse", binary.value.value).rules
    assert [rule["id"] for rule in told["value"]["rules"]] == [rule.id for rule in rules]


@pytest.mark.parametrize("method", ["check", "list-rules", "list-categories"])
@pytest.mark.parametrize("form", ["binary", "json"])
def test_wrong_input_is_answered_with_an_error(method, form):
    """
    Exit 0 and a pluginrpc Error: INVALID_ARGUMENT with a sentence, and nothing on stderr.
    """
    done = run(method, "--format", form, stdin=b"\xff\x00 no request")
    assert (done.returncode, done.stderr) == (0, b"")
    if form == "json":
        error = json.loads(done.stdout)["error"]
        assert error["code"] == "CODE_INVALID_ARGUMENT"
    else:
        error = message("pluginrpc.v1.Response", done.stdout).error
        assert (error.code, "standard input" in error.message) == (3, True)


def test_the_request_of_another_method_is_refused():
    """
    The type in the Any must be the method's own.
    """
    code, words = refused("Check", wrapped("ListRulesRequest", b""))
    assert (code, "CheckRequest" in words) == (3, True)


def test_a_request_within_the_envelope_must_be_one():
    """
    A good envelope around bytes that are no CheckRequest.
    """
    code, words = refused("Check", wrapped("CheckRequest", b"\x0a\xff"))
    assert (code, "CheckRequest" in words) == (3, True)


def test_a_defect_of_ours_is_an_answer_too(monkeypatch):
    """
    Buf reports an Error in one line; a traceback would only say that the plugin failed.
    """
    from wireproof.buf_plugin import check

    def fails(_: bytes) -> bytes:
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(check, "check", fails)
    code, words = refused("Check", b"")
    assert code == INTERNAL
    assert "unforeseen" in words


@pytest.mark.parametrize(
    "args", [[], ["bogus"], ["check", "more"], ["check", "--format", "yaml"]], ids=str
)
def test_whoever_starts_it_by_hand_is_told_how_it_is_used(args):
    """
    An unknown call is a system error of pluginrpc: no answer, exit 2.
    """
    done = run(*args)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"buf.yaml" in done.stderr


@pytest.mark.parametrize("call", ["--protocol", "--spec", "list-rules", "list-categories"])
def test_only_a_check_imports_what_a_check_needs(call):
    """
    Buf starts the plugin nine times a run: what is imported is what that costs.
    """
    code = (
        "import atexit, os, sys; sys.argv[1:] = [os.environ['CALL']]\n"
        "from wireproof.buf_plugin import main\n"
        "atexit.register(lambda: sys.stderr.write(' '.join(sys.modules)))\n"
        "main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=b"",
        env={**os.environ, "CALL": call},
        capture_output=True,
        check=True,
    )
    loaded = set(done.stderr.decode().split())
    heavy = {"google.protobuf", "wireproof.rules", "wireproof.schema.schema", "argparse", "click"}
    assert "wireproof.buf_plugin.main" in loaded
    assert not heavy & loaded


def test_it_is_installed_beside_the_interpreter():
    """
    Buf finds it on PATH wherever Wireproof is installed.
    """
    assert PLUGIN.is_file()
