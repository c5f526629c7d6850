"""Who breaks where validation changes: by where the message travels, and what is asked of it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.cases.compiled import compiled
from wireproof.finding import Evidence, Finding
from wireproof.rules import compare
from wireproof.schema.schema import Schema

HEAD = 'syntax = "proto3";\npackage t;\nimport "buf/validate/validate.proto";\n'
OWN = (
    HEAD.replace("proto3", "proto2")
    + """
extend google.protobuf.MessageOptions { optional bool for_readers = 50003; }
"""
)
RULE = "(buf.validate.field)"


@cache
def schema(body: str) -> Schema:
    with TemporaryDirectory() as folder:
        (Path(folder) / "a.proto").write_text(f'{HEAD}import "own.proto";\n{body}')
        (Path(folder) / "own.proto").write_text(
            OWN.replace("buf/validate/validate.proto", "google/protobuf/descriptor.proto")
        )
        return compiled(Path(folder), "a.proto", "own.proto")


def found(old: str, new: str, **how: Any) -> tuple[Finding, ...]:
    return compare(schema(old), schema(new), engines=("wireproof",), **how).findings


def facts(findings: tuple[Finding, ...]) -> list[tuple[str, str, list[str]]]:
    return [(f.id, str(f.severity), [str(one) for one in f.breaks]) for f in findings]


REQUEST, REPLY = "rpc Get(M) returns (E);", "rpc Get(E) returns (M);"


def message(rule: str, rpc: str, *, option: str = "", wrapped: str = "") -> str:
    """A message `M` whose field `a` has *rule*, used by *rpc*; *wrapped* declares what holds it."""
    service = f"service S {{ {rpc} }}" if rpc else ""
    return (
        f"message E {{}} message M {{ {option} string a = 1 [{RULE}.{rule}]; }} {wrapped} {service}"
    )


NARROWED, WIDENED = "VALIDATION_NARROWED", "VALIDATION_WIDENED"
LOOSE, TIGHT = "string.max_len = 9", "string.max_len = 8"


@pytest.mark.parametrize(
    ("rpc", "old", "new", "wanted"),
    [
        (REQUEST, LOOSE, TIGHT, [(NARROWED, "error", ["old-client"])]),
        (REQUEST, TIGHT, LOOSE, [(WIDENED, "warning", ["new-client"])]),
        (REPLY, LOOSE, TIGHT, [(NARROWED, "warning", ["new-client"])]),
        (REPLY, TIGHT, LOOSE, [(WIDENED, "warning", ["old-client"])]),
        ("", LOOSE, TIGHT, [(NARROWED, "error", ["old-client", "stored"])]),
        ("", TIGHT, LOOSE, [(WIDENED, "warning", ["old-client", "new-client", "old-reader"])]),
        (
            REQUEST + REPLY.replace("Get", "Put"),
            LOOSE,
            TIGHT,
            [(NARROWED, "error", ["old-client"])],
        ),
    ],
)
def test_who_sends_and_who_reads_decides_who_breaks(
    rpc: str, old: str, new: str, wanted: list[tuple[str, str, list[str]]]
):
    """
    Servers judge requests, readers judge what they stored; replies are rarely judged.
    """
    assert facts(found(message(old, rpc), message(new, rpc))) == wanted


@pytest.mark.parametrize(
    "wrapped",
    [
        "message W { M m = 1; }",
        "message W { repeated M m = 1; }",
        "message W { map<string, M> m = 1; }",
        "message W { oneof one { M m = 1; string s = 2; } }",
        "message W { V v = 1; } message V { map<int32, M> m = 1; }",
    ],
)
def test_a_nested_message_of_a_request_is_judged_as_one(wrapped: str):
    """
    Validation goes down through fields, lists, maps and oneofs.
    """
    rpc = "rpc Get(W) returns (E);"
    old, new = (message(rule, rpc, wrapped=wrapped) for rule in (LOOSE, TIGHT))
    assert facts(found(old, new)) == [(NARROWED, "error", ["old-client"])]


def test_readers_of_a_reply_that_is_promised_break():
    """
    Policy says by an option that readers rely on the rules.
    """
    old, new = (message(r, REPLY, option="option (for_readers) = true;") for r in (TIGHT, LOOSE))
    assert facts(found(old, new, promises=("t.for_readers",))) == [
        (WIDENED, "error", ["old-client"])
    ]


def test_servers_deployed_first_never_meet_new_clients():
    """
    Only after a rollback does a new client meet the old rule.
    """
    assert found(message(TIGHT, REQUEST), message(LOOSE, REQUEST), deploy="server-first") == ()


def test_the_request_that_is_refused_is_shown_whole():
    """
    The old server accepts it as it stands: what else is required is filled in.
    """
    rest = f"string b = 2 [{RULE}.required = true];"
    old, new = (message(rule, REQUEST).replace("];", f"]; {rest}", 1) for rule in (LOOSE, TIGHT))
    (finding,) = found(old, new)
    assert finding.evidence is Evidence.PROVEN
    assert finding.witness
    assert finding.witness.written["a"] == "aaaaaaaaa"
    assert finding.witness.written["b"]
    assert finding.witness.note == ""


def test_a_long_witness_is_told_by_its_length():
    """
    Nobody reads a hundred thousand letters.
    """
    old, new = (message(f"string.max_len = {n}", REQUEST) for n in (100_000, 50_000))
    (finding,) = found(old, new)
    assert finding.witness
    assert finding.witness.written == {"a": f"{'a' * 20}… (50,001 characters)"}
    assert finding.witness.bytes == ""


def test_only_what_differs_is_told():
    """
    A rule among many, and a few letters of a long pattern.
    """
    tail = "[a-z]" * 40
    old = message(f'string = {{min_len: 1, pattern: "^a{tail}$"}}', REQUEST)
    new = message(f'string = {{min_len: 1, pattern: "^b{tail}$"}}', REQUEST)
    finding = found(old, new)[0]
    assert "min_len" not in finding.message
    assert finding.promised.startswith('string.pattern = "^a[a-z]')
    assert len(finding.promised) < 80


BASE = "int32 from = 1; int32 to = 2; optional string x = 3; optional string y = 4;"


def whole(option: str) -> str:
    body = f"option (buf.validate.message) = {{ {option} }};" if option else ""
    return f"message E {{}} message M {{ {body} {BASE} }} service S {{ {REQUEST} }}"


CEL = 'cel {{ id: "{}" expression: "{}" }}'
ORDER = CEL.format("order", "this.from <= this.to")


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("", ORDER, [NARROWED]),
        (ORDER, "", [WIDENED]),
        (ORDER, CEL.format("order", "this.from < this.to"), [NARROWED]),
        (ORDER, CEL.format("renamed", "this.from<=this.to"), []),
        ("", CEL.format("sum", "this.from + this.to == 41"), [NARROWED]),
        ("", 'cel_expression: "this.from != 7"', [NARROWED]),
        ("", 'oneof { fields: ["x", "y"] }', [NARROWED]),
        ('oneof { fields: ["x", "y"] }', 'oneof { fields: ["x", "y"] required: true }', [NARROWED]),
        ('oneof { fields: ["x", "y"] required: true }', "", [WIDENED]),
        ('oneof { fields: ["x", "y"] }', 'oneof { fields: ["y", "x"] }', []),
    ],
)
def test_a_rule_over_a_whole_message_is_searched_for_what_breaks_it(
    old: str, new: str, wanted: list[str]
):
    """
    The fields that an expression names are set together.
    """
    findings = found(whole(old), whole(new))
    assert [f.id for f in findings] == wanted
    assert all(f.evidence is Evidence.PROVEN for f in findings)


def test_what_no_search_decides_is_said_with_how_hard_it_looked():
    """
    Two expressions that ask for the same; nobody proves that.
    """
    old, new = CEL.format("a", "this.from > 3"), CEL.format("a", "this.from + this.from > 6")
    (finding,) = found(whole(old), whole(new))
    assert (finding.id, finding.evidence) == (NARROWED, Evidence.UNPROVEN)
    assert "tried" in finding.message


def oneof(option: str, branch: str = "string s = 1;") -> str:
    return (
        f"message E {{}} message M {{ oneof one {{ {option} {branch} int32 n = 2; }} }}"
        f"service S {{ {REQUEST} }}"
    )


ASKED = "option (buf.validate.oneof).required = true;"


def test_a_oneof_may_start_and_stop_to_ask_for_a_branch():
    """
    Requests without a branch are refused, by the new server or by the old one.
    """
    assert facts(found(oneof(""), oneof(ASKED))) == [(NARROWED, "error", ["old-client"])]
    assert facts(found(oneof(ASKED), oneof(""))) == [(WIDENED, "warning", ["new-client"])]


NEW = "VALIDATION_ASKS_FOR_NEW"


@pytest.mark.parametrize(
    ("field", "wanted"),
    [
        (f"string b = 2 [{RULE}.required = true];", [NEW]),
        (f"string b = 2 [{RULE}.string.min_len = 1];", [NEW]),
        (f"int32 b = 2 [{RULE}.int32.gt = 0];", [NEW]),
        (f"repeated string b = 2 [{RULE}.repeated.min_items = 1];", [NEW]),
        (f"oneof b {{ {ASKED} string c = 2; string d = 3; }}", [NEW]),
        (f"optional string b = 2 [{RULE}.string.min_len = 1];", []),
        (f"string b = 2 [{RULE} = {{string: {{min_len: 1}}, ignore: IGNORE_IF_ZERO_VALUE}}];", []),
        (f"string b = 2 [{RULE}.string.max_len = 1];", []),
        ("oneof b { string c = 2; string d = 3; }", []),
    ],
)
def test_a_new_field_breaks_where_its_absence_is_refused(field: str, wanted: list[str]):
    """
    Old clients leave it out: some rules pass what is unset, and some do not.
    """
    old = f"message E {{}} message M {{ string a = 1; }} service S {{ {REQUEST} }}"
    findings = found(old, old.replace("string a = 1;", f"string a = 1; {field}"))
    assert [f.id for f in findings] == wanted
    assert all(f.witness and "old-client" in f.breaks for f in findings)
