"""What a contract file can say, and the sentence for all that it cannot."""

from textwrap import dedent

import pytest

from wireproof.contracts import read_contract
from wireproof.errors import MalformedFile
from wireproof.exchange import StepKind

WHOLE = """
consumer: web-console
provider: api.user.v1.UserService
schema: sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
interactions:
  - name: shows a new user live
    given:
      - nobody is there
      - {state: a user exists, with: {user_id: u-1, times: 2}}
    method: StreamUserEvents
    metadata: {authorization: Bearer token-of-an-admin, X-Tag: [a, b]}
    deadline: 2.5s
    steps:
      - send: {}
      - receive: {userUpdated: {user: {userId: no}}}
        expect: ["this.user_updated.user.user_id == 'u-1'", "has(this.timestamp)"]
      - half-close: {}
      - receive:
        exactly: true
      - status: OK
        expect: this.message == ''
"""
LAST = "status: OK\n        expect: this.message == ''"


def read(folder, text):
    path = folder / "c.yaml"
    path.write_text(dedent(text))
    return read_contract(path)


def test_a_contract_says_who_needs_what(tmp_path):
    """Every part of the format, in one file."""
    contract = read(tmp_path, WHOLE)
    (one,) = contract.interactions
    assert (contract.consumer, contract.provider) == ("web-console", "api.user.v1.UserService")
    assert contract.schema.startswith("sha256:0123")
    assert (one.name, one.method, one.deadline) == (
        "shows a new user live",
        "StreamUserEvents",
        2.5,
    )
    assert [(given.name, given.filled({})) for given in one.given] == [
        ("nobody is there", {}),
        ("a user exists", {"user_id": "u-1", "times": 2}),
    ]
    assert [(key, value.value) for key, value in one.metadata] == [
        ("authorization", "Bearer token-of-an-admin"),
        ("x-tag", "a"),
        ("x-tag", "b"),
    ]
    assert [(step.kind, step.location.line, step.code, step.exactly) for step in one.steps] == [
        (StepKind.SEND, 14, "", False),
        (StepKind.RECEIVE, 15, "", False),
        (StepKind.HALF_CLOSE, 17, "", False),
        (StepKind.RECEIVE, 18, "", True),
        (StepKind.STATUS, 20, "OK", False),
    ]
    assert one.steps[1].body.plain() == {"userUpdated": {"user": {"userId": "no"}}}
    assert [e.text for e in one.steps[1].expect] == [
        "this.user_updated.user.user_id == 'u-1'",
        "has(this.timestamp)",
    ]
    assert [e.text for e in one.steps[4].expect] == ["this.message == ''"]


def short(rest):
    return f"""
    consumer: a
    provider: b.C
    interactions:
      - {{name: n, method: M, {rest}}}
    """


@pytest.mark.parametrize(
    ("rest", "steps"),
    [
        ("request: {x: 1}", ["send"]),
        ("request: {}, reply: {y: 2}", ["send", "receive"]),
        ("request: {}, expect: [this.y == 2]", ["send", "receive: this.y == 2"]),
        ("request: {}, reply: {}, expect: [a]", ["send", "receive: a"]),
        ("request: {}, status: NOT_FOUND", ["send", "status: NOT_FOUND"]),
        ("request: {}, status: ABORTED, expect: [a]", ["send", "status: ABORTED a"]),
        ("request: {}, reply: {}, status: OK, expect: [a]", ["send", "receive: a", "status: OK"]),
    ],
)
def test_a_call_with_one_request_is_written_in_short(tmp_path, rest, steps):
    """Request, reply, status: the same steps as written out; expectations are of the reply."""
    (one,) = read(tmp_path, short(rest)).interactions
    said = [f"{s.kind}: {s.code} {''.join(e.text for e in s.expect)}".split() for s in one.steps]
    assert [" ".join(words).removesuffix(":") for words in said] == steps


def test_exactly_holds_for_every_step_that_does_not_say_otherwise(tmp_path):
    """It stands at the interaction or at a step."""
    text = (
        "exactly: true, steps: [send: {}, receive: {}, {receive: {}, exactly: false}, status: OK]"
    )
    (one,) = read(tmp_path, short(text)).interactions
    assert [step.exactly for step in one.steps] == [True, True, False, True]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("consumer: w", "consumr: w", "2:1: a contract has no 'consumr'; did you mean consumer?"),
        ("consumer: web-console\n", "", "2:1: a contract needs consumer"),
        ("consumer: web-console", "consumer: 5", "2:1: consumer must be text, not a number"),
        ("consumer: web-console", "consumer: ''", "2:1: consumer must not be empty"),
        ("sha256:0123", "sha256:", "4:1: schema 'sha256:456789abcdef"),
        ("    method:", "    methd:", "10:5: an interaction has no 'methd'; did you mean method?"),
        ("    method: StreamUserEvents\n", "", "6:5: an interaction needs method"),
        ("deadline: 2.5s", "deadline: 5", "12:5: deadline 5 must be seconds such as 5s or 0.5s"),
        ("deadline: 2.5s", "deadline: 0s", "12:5: deadline '0s' must be seconds"),
        ("state: a", "stat: a", "9:10: a state has no 'stat'; did you mean state?"),
        ("user_id: u-1", "user-id: u-1", "9:39: with has 'user-id', which cannot name a parameter"),
        ("with: {user_id: u-1, times: 2}", "with: [1]", "9:32: with must be a mapping, not a list"),
        ("X-Tag: [a, b]", "X-Tag: 5", "11:57: metadata x-tag must be text, not a number: quote it"),
        ("X-Tag: [a, b]", "'x tag': a", "11:57: 'x tag' is no metadata key: lower-case letters"),
        ("X-Tag: [a, b]", "grpc-x: a", "11:57: 'grpc-x' is no metadata key"),
        ("X-Tag: [a, b]", "x-bin: ü", "11:57: 'ü' is no base64"),
        ("X-Tag: [a, b]", "x: ü", "'ü' is no printable ASCII: use a key that ends in -bin"),
        ("- send: {}", "- sned: {}", "14:9: a step is one of send, receive, half-close, cancel,"),
        ("- send: {}", "- sned: {}", "status; did you mean send?"),
        ("- send: {}", "- send", "14:9: a step must be a mapping, not text"),
        ("- send: {}", "- {send: {}, receive: {}}", "14:9: a step is one of"),
        ("- send: {}", "- {send: {}, expect: [a]}", "14:20: a send step has no 'expect'"),
        ("half-close: {}", "half-close: {a: 1}", "17:9: half-close takes nothing: write half-"),
        ("half-close: {}", "cancel: {}", "18:9: receive cannot come after cancel"),
        ("half-close: {}", "status: OK", "18:9: receive cannot come after status"),
        (LAST, "send: {}", "20:9: send cannot come after half-close"),
        (LAST, "half-close: {}", "20:9: half-close cannot come after half-close"),
        ("status: OK", "status: 0", "20:9: status must be text, not a number: quote it ('0')"),
        ("status: OK", "status: NOTFOUND", "no status code 'NOTFOUND'; did you mean NOT_FOUND?"),
        ("exactly: true", "exactly: yes", "19:9: exactly must be true or false, not text"),
        ("expect: this.message == ''", "expect: {a: b}", "expect must be a list, not a mapping"),
        ("expect: this.message == ''", "expect: [1]", "expect must be text, not a number"),
        ("    steps:", "    request: {}\n    steps:", "13:5: request cannot stand beside steps"),
        (
            "    given:",
            "    given: x\n    gvn:",
            "an interaction has no 'gvn'; did you mean given?",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path, old, new, said):
    """File, line, column, what is wrong, and what was meant where that can be guessed."""
    assert old in WHOLE
    with pytest.raises(MalformedFile) as refused:
        read(tmp_path, WHOLE.replace(old, new, 1))
    assert str(refused.value).startswith(f"{tmp_path / 'c.yaml'}:")
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "1:1: a contract must be a mapping, not a list"),
        ("just words", "1:1: a contract must be a mapping, not text"),
        ("{consumer: a, provider: b}", "1:1: a contract needs interactions"),
        ("{consumer: a, provider: b, interactions: }", "interactions must be a list, not nothing"),
        ("{consumer: a, provider: b, interactions: []}", "needs at least one interaction"),
        (short("steps: []"), "steps needs at least one step"),
        (short("reply: {}"), "an interaction needs steps, or a request and what comes of it"),
    ],
)
def test_a_contract_must_say_something(tmp_path, text, said):
    """An empty one would pass for ever."""
    with pytest.raises(MalformedFile) as refused:
        read(tmp_path, text)
    assert said in str(refused.value)


def test_a_file_may_be_called_otherwise(tmp_path):
    """A report of a repository names its files from its root."""
    (tmp_path / "c.yaml").write_text(WHOLE)
    contract = read_contract(tmp_path / "c.yaml", name="contracts/c.yaml")
    assert str(contract.interactions[0].location) == "contracts/c.yaml:6:5"
    (tmp_path / "c.yaml").write_text("")
    with pytest.raises(MalformedFile, match=r"^contracts/c.yaml: it is empty$"):
        read_contract(tmp_path / "c.yaml", name="contracts/c.yaml")


def test_interactions_have_names_of_their_own(tmp_path):
    """A report names them."""
    text = short("request: {}") + "  - {name: n, method: M, request: {}}\n"
    with pytest.raises(MalformedFile) as refused:
        read(tmp_path, text)
    said = "c.yaml:6:5: two interactions are named 'n' (the first stands on line 5)"
    assert str(refused.value).endswith(said)


def test_what_states_give_fills_the_steps(tmp_path):
    """Text in text, a value alone with its type, and in CEL between quotes."""
    (one,) = read(
        tmp_path,
        """
        consumer: a
        provider: b.C
        interactions:
          - name: n
            method: M
            metadata: {authorization: "Bearer ${token}"}
            request: {id: "${id}", count: "${count}", note: "<${count}>"}
            reply: {items: [{id: "${id}"}]}
            expect: ["this.id == '${id}' && this.count == ${count}"]
        """,
    ).interactions
    assert one.placeholders() == {"id", "count", "token"}
    filled = one.filled({"id": "it's", "count": 2, "token": "t"})
    assert filled.steps[0].body.plain() == {"id": "it's", "count": 2, "note": "<2>"}
    assert filled.steps[1].body.plain() == {"items": [{"id": "it's"}]}
    assert filled.steps[1].expect[0].expression == r"this.id == 'it\'s' && this.count == 2"
    assert [value.value for _, value in filled.metadata] == ["Bearer t"]
