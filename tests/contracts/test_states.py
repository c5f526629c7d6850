"""Provider states: a file of functions, entered through the provider's public API."""

from typing import Any

import grpc
import pytest

from tests.contracts.support import compiled, contract, message, served
from wireproof.contracts.states import (
    CallFailed,
    Client,
    StateFailed,
    check_states,
    enter,
    load_states,
)
from wireproof.errors import MalformedFile, UnknownName
from wireproof.exchange.channel import target_of
from wireproof.exchange.door import Door

NOBODY: Any = None  # these states call nobody


def states(folder, text):
    path = folder / "states.py"
    path.write_text(text)
    return load_states(path)


def test_a_file_gives_its_states(tmp_path):
    """By their names."""
    table = states(tmp_path, "def a(client): return {'x': 1}\nSTATES = {'an a': a}\n")
    assert enter("an a", table["an a"], NOBODY, {}) == {"x": 1}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("STATES = (", ":1: it does not run: SyntaxError: '(' was never closed"),
        ("x = 1\ny = x / 0", ":2: it does not run: ZeroDivisionError: division by zero"),
        ("import no_such_module", ":1: it does not run: ModuleNotFoundError"),
        ("", ": it must define STATES, a mapping of names to functions"),
        ("STATES = []", ": it must define STATES, a mapping of names to functions"),
        ("STATES = {'a': 5}", ": STATES['a'] must be a function"),
    ],
)
def test_a_file_that_gives_none_is_told(tmp_path, text, said):
    """In a sentence with the line, where one is to blame."""
    with pytest.raises(MalformedFile) as refused:
        states(tmp_path, text)
    assert str(refused.value).startswith(f"{tmp_path / 'states.py'}{said}")


def test_a_missing_file_is_told(tmp_path):
    """Not a traceback."""
    with pytest.raises(MalformedFile, match=r"none.py: no such file"):
        load_states(tmp_path / "none.py")


GIVEN = """
  - {name: n, method: Get, request: {}, given: [{state: a user, with: {name: x}}]}
"""


def test_an_unknown_state_is_told_with_the_known_ones(tmp_path):
    """Before anything runs."""
    one = contract(tmp_path, GIVEN)
    with pytest.raises(MalformedFile) as refused:
        check_states([one], {"a usr": print, "nobody": print})
    said = ":6:47: no provider state 'a user'; did you mean a usr? (known: a usr, nobody)"
    assert str(refused.value) == f"{one.path}{said}"
    with pytest.raises(MalformedFile, match=r"\(known: none; give their file with --states\)"):
        check_states([one], {})


def test_a_state_is_given_what_it_takes(tmp_path):
    """Its parameters by name."""
    one = contract(tmp_path, GIVEN)
    check_states([one], {"a user": lambda _client, name: {"name": name}})
    with pytest.raises(MalformedFile) as refused:
        check_states([one], {"a user": lambda _client: None})
    said = "the state 'a user' does not take what `with` gives: got an unexpected keyword argument"
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("returned", "reason"),
    [
        ("text", "it returned 'text', not a mapping of names to values"),
        ({"a": [1]}, "it returned [1] as a, not a text or a number"),
    ],
)
def test_a_state_returns_values_by_name(returned, reason):
    """They fill placeholders."""
    with pytest.raises(StateFailed) as failed:
        enter("s", lambda _client: returned, NOBODY, {})
    assert str(failed.value) == f"the state 's' could not be entered: {reason}"


def test_what_a_state_raises_is_told():
    """As the reason why it could not be entered."""

    def broken(_client):
        raise KeyError("x")

    with pytest.raises(StateFailed, match="could not be entered: KeyError: 'x'"):
        enter("s", broken, NOBODY, {})


@pytest.fixture(scope="module")
def address():
    def get(requests, context):
        request: Any = compiled().message_class("shop.v1.GetRequest").FromString(next(requests))
        if request.id == "none":
            context.abort(grpc.StatusCode.NOT_FOUND, "none")
        sent = dict(context.invocation_metadata())
        reply = message("Item", id=request.id, label=sent.get("x-who", ""), price=request.limit)
        yield reply.SerializeToString()

    def trade(requests, _context):
        yield from requests

    with served(Get=get, Trade=trade) as address:
        yield address


@pytest.fixture
def client(address):
    with Door(target_of(address)) as door:
        yield Client(door, compiled(), "shop.v1.Shop", (("x-who", "me"), ("x-other", "o")))


def test_a_client_speaks_protojson(client, address):
    """Replies in lowerCamelCase; the run's metadata goes along."""
    assert client.call("Get", {"id": "a", "limit": 2}) == {"id": "a", "price": "2", "label": "me"}
    assert client.call("shop.v1.Shop.Get", metadata={"x-who": "you"}) == {"label": "you"}
    assert client.call("Trade", {"id": "a"}, {"id": "b"}) == [{"id": "a"}, {"id": "b"}]
    assert client.address == address


def test_a_call_that_fails_raises(client):
    """With code and message, so that a state can go on where it may."""
    with pytest.raises(CallFailed) as failed:
        client.call("Get", {"id": "none"})
    assert (failed.value.code, str(failed.value)) == ("NOT_FOUND", "Get answered NOT_FOUND: none")


def test_an_unknown_method_is_told(client):
    """With the closest."""
    with pytest.raises(UnknownName, match=r"did you mean shop.v1.Shop.Get\?"):
        client.call("Gett")


def test_unique_names_are_unique(client):
    """And say what they are for."""
    names = {client.unique("user") for _ in range(100)}
    assert len(names) == 100
    assert all(name.startswith("user-") for name in names)
