"""Where buf has no say: what it cannot read or place is judged without it."""

from __future__ import annotations

from pathlib import Path

import pytest
from google.protobuf import descriptor_pb2

from tests.rules.pairs import pair
from tests.rules.test_buf import OLD, WITHOUT
from wireproof.finding import Severity
from wireproof.rules import compare
from wireproof.rules.buf import BufRefuses
from wireproof.schema.schema import Schema

PROTO2 = 'syntax = "proto2";\npackage t;\n'
MESSAGE_SET = """
message S { option message_set_wire_format = true; extensions 4 to max; }
message M { optional S s = 1; optional %s n = 2; }
"""


def test_what_buf_refuses_to_read_is_judged_without_it(tmp_path: Path, caplog):
    """
    A message set is valid, and buf does not support it: it has no say, and one line says so.
    """
    old, new = pair(tmp_path, MESSAGE_SET % "int64", MESSAGE_SET % "int32", head=PROTO2)
    (found,) = compare(old, new).findings
    assert (found.id, found.engines) == ("FIELD_TYPE_CHANGED", ("wireproof",))
    assert ["is a MessageSet" in line for line in caplog.messages] == [True]
    with pytest.raises(BufRefuses, match="MessageSet"):
        compare(old, new, engines=("buf",))


def test_what_buf_cannot_place_is_judged_without_it(caplog):
    """
    A value that went from an enum in another file: without source information buf gives up.
    """
    sides = [_enum_in(file, names) for file, names in (("a.proto", "ZA"), ("b.proto", "Z"))]
    found = {f.id: f.engines for f in compare(*sides).findings if f.severity is Severity.ERROR}
    assert found == {"FILE_REMOVED": ("wireproof",), "ENUM_VALUE_REMOVED": ("wireproof",)}
    assert ["unknown file" in line for line in caplog.messages] == [True]


def _enum_in(name: str, values: str) -> Schema:
    """The same file but for its name, beside one that both versions have."""
    kept = descriptor_pb2.FileDescriptorProto(name="kept.proto", package="k", syntax="proto3")
    file = descriptor_pb2.FileDescriptorProto(name=name, package="t", syntax="proto3")
    enum = file.enum_type.add(name="E")
    for number, value in enumerate(values):
        enum.value.add(name=value, number=number)
    return Schema([kept, file], source=name, own=frozenset({kept.name, name}))


def test_a_side_without_files_is_judged_without_buf(tmp_path: Path, caplog):
    """
    Nothing was promised before the first version; where all went, all that was promised is gone.
    """
    some, _ = pair(tmp_path, OLD, WITHOUT)
    nothing = Schema(source="nothing", own=frozenset(), packed=())
    first, last = compare(nothing, some), compare(some, nothing)
    assert (first.findings, str(first.bump)) == ((), "minor")
    assert {f.id for f in last.findings} == {"FILE_REMOVED", "MESSAGE_REMOVED"}
    assert "has no say: image contains no files" in caplog.text
    with pytest.raises(BufRefuses):
        compare(some, nothing, engines=("buf",))
