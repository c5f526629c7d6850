"""Roles read from the files that matter are those read from all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.schema.repos import write
from wireproof.schema.roles import ANYWHERE, Role, Roles
from wireproof.schema.schema import Schema
from wireproof.schema.source import load

HEAD = 'syntax = "proto2";\npackage t;\n'
FILES = {
    "held_proto": f"{HEAD}message Held {{ optional Deep deep = 1; }}\nmessage Deep {{}}\n",
    "base_proto": f"{HEAD}message Base {{ extensions 100 to 199; }}\n",
    # An RPC reaches Held by an extension only, whose file it does not import.
    "more_proto": f'{HEAD}import "base.proto";\nimport "held.proto";\n'
    "extend Base { optional Held held = 100; }\n",
    "rpc_proto": f'{HEAD}import "base.proto";\nmessage Reply {{}}\n'
    "service S { rpc Put(Base) returns (Reply); }\n",
    "apart_proto": f"{HEAD}message Apart {{}}\n",
}
TYPES = ("t.Held", "t.Deep", "t.Base", "t.Reply", "t.Apart")


@pytest.fixture
def schema(tmp_path: Path) -> Schema:
    return load(str(write(tmp_path, **FILES)))


@pytest.mark.parametrize("file", ["held.proto", "base.proto", "apart.proto", "rpc.proto"])
def test_few_files_tell_the_same_as_all(schema: Schema, file: str):
    """
    Which files are looked at first is a matter of speed alone.
    """
    whole, near = Roles([schema]), Roles([schema], about=[file])
    assert {name: near.of(name) for name in TYPES} == {name: whole.of(name) for name in TYPES}


def test_extensions_lead_on(schema: Schema):
    """
    What extends a request travels with it.
    """
    roles = Roles([schema])
    request = Role(request=True, response=False, stored=False)
    assert [roles.of(name) for name in TYPES[:3]] == [request, request, request]
    assert roles.of("t.Apart") is ANYWHERE


def test_what_policy_calls_stored_is_so_with_all_that_it_holds(schema: Schema):
    """
    Beside the role that RPCs give it.
    """
    roles = Roles([schema], stored=["t.H*"])
    kept = Role(request=True, response=False, stored=True)
    assert [roles.of("t.Held"), roles.of("t.Deep")] == [kept, kept]
    assert roles.of("t.Base") == Role(request=True, response=False, stored=False)


def test_equal_files_of_two_versions_are_one(schema: Schema, tmp_path: Path):
    """
    What is read of a file is read once for both.
    """
    changed = FILES | {"apart_proto": f"{HEAD}message Apart {{ optional int32 a = 1; }}\n"}
    other = load(str(write(tmp_path / "other", **changed))).sharing(schema)
    shared = {n for n, packed in other.by_name.items() if packed is schema.by_name.get(n)}
    assert shared == other.by_name.keys() - {"apart.proto"}
    assert other.sharing(schema) is other
