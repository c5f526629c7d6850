"""`wireproof verify`: exit codes, streams, and a sentence for whatever goes wrong."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from tests.contracts.support import SHOP, compiled, message, served
from wireproof.cli import main

CONTRACT = """
consumer: till
provider: shop.v1.Shop
interactions:
  - name: gets
    given: [an item]
    method: Get
    request: {id: "${id}"}
    reply: {id: a}
"""
STATES = "def item(client): return {'id': 'a'}\nSTATES = {'an item': item}\n"


def get(requests, context):
    """Get: an item of the caller's name, or of none."""
    who = dict(context.invocation_metadata()).get("x-who", "a")
    next(requests)
    yield message("Item", id=who if who != "nobody" else "").SerializeToString()


@pytest.fixture(scope="module")
def address():
    with served(Get=get, reflects=True) as address:
        yield address


@pytest.fixture(scope="module")
def mute():
    """A server without reflection."""
    with served(Get=get) as address:
        yield address


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """The command in a folder with a contract, its states and a schema."""
    monkeypatch.chdir(tmp_path)
    Path("c.yaml").write_text(CONTRACT)
    Path("states.py").write_text(STATES)
    Path("shop.binpb").write_bytes(compiled().image())

    def run(*args):
        with pytest.raises(SystemExit) as ended:
            main(["verify", *args])
        out, err = capsys.readouterr()
        return ended.value.code, out, err

    return run


def test_a_kept_contract_is_0(run, address):
    """The schema by reflection, the report on stdout, nothing on stderr."""
    code, out, err = run(address, "c.yaml", "--states", "states.py")
    assert (code, err) == (0, "")
    assert out.splitlines()[0].startswith("till → shop.v1.Shop  (c.yaml, read as grpc://127.0.0.1:")
    assert out.endswith(f"1 interaction with {address}: 1 passed\n")


def test_json_is_all_of_stdout(run, mute):
    """The schema from a source."""
    code, out, err = run(
        mute, "c.yaml", "--states", "states.py", "--schema", "shop.binpb", "--format", "json"
    )
    assert (code, err) == (0, "")
    document = json.loads(out)
    assert document["contracts"][0]["schema"] == "shop.binpb"
    assert document["contracts"][0]["interactions"][0]["outcome"] == "passed"


def test_a_broken_contract_is_1(run, address):
    """A header makes the provider answer otherwise."""
    code, out, _ = run(address, "c.yaml", "--states", "states.py", "-H", "X-Who: nobody")
    assert code == 1
    assert "CONTRACT_FIELD_MISSING" in out


def test_fail_on_may_ask_for_more_or_less(run, address):
    """Every finding of a contract is an error by default."""
    states = ("--states", "states.py", "-H", "x-who: nobody")
    assert run(address, "c.yaml", *states, "--fail-on", "warning")[0] == 1
    assert run(address, "c.yaml", *states, "--fail-on", "info")[0] == 1


def test_a_state_that_fails_is_2_and_said(run, address):
    """The report still comes."""
    Path("states.py").write_text("def item(client): 1 / 0\nSTATES = {'an item': item}\n")
    code, out, err = run(address, "c.yaml", "--states", "states.py")
    said = "the state 'an item' could not be entered: ZeroDivisionError: division by zero"
    assert (code, err) == (2, f"wireproof: 'gets' could not run: {said}\n")
    assert "1 could-not-run" in out


def test_findings_outweigh_what_could_not_run(run, address):
    """Where both hold, 1 wins."""
    more = "  - {name: fails, method: Get, request: {}, status: ABORTED}\n"
    Path("c.yaml").write_text(CONTRACT + more)
    Path("states.py").write_text("def item(client): 1 / 0\nSTATES = {'an item': item}\n")
    assert run(address, "c.yaml", "--states", "states.py")[0] == 1


def test_the_consumer_s_schema_is_found_by_its_digest(run, mute):
    """Given by hand; without it, the contract is read in the provider's words and that is said."""
    newer = compiled(SHOP.replace("bool sold = 10;", ""))
    Path("newer.binpb").write_bytes(newer.image())
    Path("c.yaml").write_text(CONTRACT.replace("inter", f"schema: {compiled().digest}\ninter"))
    args = ("c.yaml", "--states", "states.py", "--schema", "newer.binpb")
    code, out, err = run(mute, *args, "--consumer-schema", "shop.binpb")
    assert (code, err) == (0, "")
    assert "read as shop.binpb" in out
    code, out, err = run(mute, *args)
    assert code == 0
    assert err == (
        f"wireproof: c.yaml: no known schema has the digest {compiled().digest}; it is read in the "
        "provider's words (give the consumer's with --consumer-schema)\n"
    )


def test_a_released_schema_is_found_by_its_digest(run, mute):
    """Releases lie in compat/releases."""
    from wireproof.schema.release import write_release

    write_release(Path(), "1.0.0", compiled().image())
    newer = compiled(SHOP.replace("bool sold = 10;", ""))
    Path("newer.binpb").write_bytes(newer.image())
    Path("c.yaml").write_text(CONTRACT.replace("inter", f"schema: {compiled().digest}\ninter"))
    code, out, _ = run(mute, "c.yaml", "--states", "states.py", "--schema", "newer.binpb")
    assert code == 0
    assert "read as release:1.0.0" in out


@pytest.fixture
def closed():
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{probe.getsockname()[1]}"


@pytest.mark.parametrize("schema", [(), ("--schema", "shop.binpb")])
def test_a_dead_server_is_2(run, closed, schema):
    """Whether it is asked for its schema or for a call."""
    code, out, err = run(closed, "c.yaml", "--states", "states.py", *schema)
    said = "nothing listens there; start the server or correct the address"
    assert (code, out, err) == (2, "", f"wireproof: cannot reach {closed}: {said}\n")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["none.yaml"], "wireproof: none.yaml: No such file or directory\n"),
        (["."], "wireproof: .: Is a directory\n"),
        (
            ["c.yaml"],
            "wireproof: c.yaml:6:13: no provider state 'an item' "
            "(known: none; give their file with --states)\n",
        ),
        (["c.yaml", "--states", "none.py"], "wireproof: none.py: no such file\n"),
        (
            ["c.yaml", "--states", "states.py"],
            " has no reflection service; give its schema with --schema (a folder, an image)\n",
        ),
        (["c.yaml", "--schema", "none"], "wireproof: cannot read the schema none: there is no"),
        (["c.yaml", "-H", "nonsense"], "'nonsense' must be 'KEY: VALUE'"),
        (["c.yaml", "--key", "c.yaml"], "--cert and --key go together"),
        ([], "Missing argument 'CONTRACT...'"),
    ],
)
def test_what_cannot_run_is_2_and_a_sentence(run, mute, args, said):
    """On stderr, and nothing on stdout."""
    if "--schema" not in args and "states.py" not in args:
        args = [*args, "--schema", "shop.binpb"]
    code, out, err = run(mute, *args)
    assert (code, out) == (2, "")
    assert said in err


def test_an_address_needs_a_port(run):
    """Said before anything else is tried."""
    code, _, err = run("localhost", "c.yaml", "--states", "states.py")
    said = "wireproof: cannot reach localhost: it has no port; give HOST:PORT\n"
    assert (code, err) == (2, said)
