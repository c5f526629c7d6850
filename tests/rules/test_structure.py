"""How much is looked at to tell whether one type can stand in for another."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.pairs import pair
from wireproof.finding import Surface
from wireproof.rules import compare
from wireproof.rules.structure import Structure

KINDS = 12


def grammar(prefix: str, scalar: str, label: str) -> str:
    """Types that hold each other, as the nodes of an expression do."""
    fields = "".join(f"{prefix}{n} {label}{n} = {n + 2}; " for n in range(KINDS))
    head = f"{scalar} {label} = 1; {fields}"
    return "".join(f"message {prefix}{n} {{ {head}}}\n" for n in range(KINDS))


def test_types_that_have_nothing_in_common_are_not_walked_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """
    Each kind of a grammar that was rewritten would else be held against each of the other, anew
    for every field: a minute becomes an hour.
    """
    compared: list[tuple[str, str]] = []
    whole = Structure._compared

    def counted(self: Structure, old: str, new: str):
        compared.append((old, new))
        return whole(self, old, new)

    monkeypatch.setattr(Structure, "_compared", counted)
    old = grammar("Node", "string", "a") + "message Root { Node0 root = 1; Node1 other = 2; }"
    new = grammar("Term", "int32", "b") + "message Root { Term0 root = 1; Term1 other = 2; }"
    findings = compare(*pair(tmp_path, old, new), engines=("wireproof",)).findings
    changed = [f for f in findings if "Root" in f.subject]
    assert [f.id for f in changed] == ["FIELD_TYPE_CHANGED", "FIELD_TYPE_CHANGED"]
    assert len(compared) == len(changed)


def test_a_witness_in_json_is_a_text_that_bytes_do_not_hold(tmp_path: Path):
    """
    ProtoJSON writes a wrapper as its value, and the empty text is empty bytes as well.
    """
    head = 'syntax = "proto3";\npackage t;\nimport "google/protobuf/wrappers.proto";\n'
    old, new = "google.protobuf.StringValue a = 1;", "optional bytes a = 1;"
    versions = pair(tmp_path, f"message M {{ {old} }}", f"message M {{ {new} }}", head=head)
    (found,) = compare(
        *versions, mode="backward", surfaces=[Surface.JSON], engines=("wireproof",)
    ).findings
    assert found.witness
    assert found.witness.written != {"a": ""}
    assert found.witness.written != found.witness.read


def test_a_witness_of_a_list_is_two_messages_though_each_has_a_new_field(tmp_path: Path):
    """
    What an old reader misses of one message alone is the field that it does not know.
    """
    old, new = "message W {} message M { W w = 1; }", "repeated W w = 1;"
    versions = pair(tmp_path, old, f"message W {{ int32 n = 2; }} message M {{ {new} }}")
    findings = compare(
        *versions, mode="forward", surfaces=[Surface.WIRE], engines=("wireproof",)
    ).findings
    (found,) = [one for one in findings if one.id == "FIELD_CARDINALITY_CHANGED"]
    assert found.witness
    assert len(found.witness.written["w"]) == 2
