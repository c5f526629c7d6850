from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases.compiled import compiled
from tests.schema.repos import write
from wireproof.schema.index import Index
from wireproof.schema.roles import ANYWHERE, Role, Roles
from wireproof.schema.schema import Schema

PROTO2 = """syntax = "proto2";
package t;
message M {
  optional int32 a = 1;
  required int32 b = 2;
  repeated int32 c = 3;
  optional group G = 4 { optional int32 x = 1; }
  optional E e = 5;
  optional string s = 6;
  oneof o { int32 p = 7; }
}
enum E { E_A = 1; }
"""
PROTO3 = """syntax = "proto3";
package t;
message M {
  int32 a = 1;
  optional int32 b = 2;
  repeated int32 c = 3;
  M d = 4;
  E e = 5;
  string s = 6;
  oneof o { int32 p = 7; }
  map<string, int32> m = 8;
  repeated int32 u = 9 [packed = false];
}
enum E { E_A = 0; }
"""
EDITION = """edition = "2023";
package t;
message M {
  int32 a = 1;
  int32 b = 2 [features.field_presence = LEGACY_REQUIRED];
  repeated int32 c = 3;
  M d = 4 [features.message_encoding = DELIMITED];
  int32 i = 5 [features.field_presence = IMPLICIT];
  string s = 6;
  repeated int32 u = 9 [features.repeated_field_encoding = EXPANDED];
  map<string, M> m = 8;
}
enum E { option features.enum_type = CLOSED; E_A = 1; }
"""


def schema_of(folder: Path, text: str) -> Schema:
    return compiled(write(folder, m_proto=text), "m.proto")


@pytest.mark.parametrize(
    ("text", "cardinalities"),
    [
        (PROTO2, "optional required repeated optional optional optional optional"),
        (PROTO3, "implicit optional repeated optional implicit implicit optional map repeated"),
        (EDITION, "optional required repeated optional implicit optional repeated map"),
    ],
)
def test_cardinality_is_resolved_from_every_syntax(tmp_path: Path, text: str, cardinalities: str):
    """
    proto2's labels, proto3's implicit presence and the features of editions mean the same things.
    """
    message = Index(schema_of(tmp_path, text)).message("t.M")
    assert message is not None
    assert [field.cardinality for field in message.fields] == cardinalities.split()


@pytest.mark.parametrize(
    ("text", "closed", "packed", "utf8"),
    [(PROTO2, True, [], False), (PROTO3, False, ["c"], True), (EDITION, True, ["c"], True)],
)
def test_features_are_resolved_from_every_syntax(
    tmp_path: Path, text: str, closed: bool, packed: list[str], utf8: bool
):
    """
    Closed enums, packed numbers and verified strings, as the edition defaults say.
    """
    index = Index(schema_of(tmp_path, text))
    message, enum = index.message("t.M"), index.enum("t.E")
    assert message is not None
    assert enum is not None
    assert enum.closed is closed
    assert [field.name for field in message.fields if field.packed] == packed
    assert message.by_name["s"].checks_utf8 is utf8


def test_a_group_and_a_delimited_field_are_one_kind(tmp_path: Path):
    """
    Both are encoded between a start and an end tag; a map never is.
    """
    old = Index(schema_of(tmp_path / "a", PROTO2)).message("t.M")
    new = Index(schema_of(tmp_path / "b", EDITION)).message("t.M")
    assert old is not None
    assert new is not None
    assert old.by_name["g"].kind == new.by_name["d"].kind == "group"
    assert new.by_name["m"].kind == "message"


def test_optional_makes_no_oneof_of_its_own(tmp_path: Path):
    """
    The synthetic oneof is a detail of the descriptor.
    """
    message = Index(schema_of(tmp_path, PROTO3)).message("t.M")
    assert message is not None
    assert [oneof.name for oneof in message.oneofs] == ["o"]
    assert message.by_name["b"].oneof is None


def test_roles_follow_what_rpcs_reach(tmp_path: Path):
    """
    A nested type has the role of whatever leads to it; what no RPC reaches may be anywhere.
    """
    text = """syntax = "proto3";
package t;
message Q { Inner inner = 1; }
message R { repeated Inner inner = 1; E e = 2; }
message Inner { string a = 1; }
message Event { string a = 1; }
enum E { E_U = 0; }
service S { rpc Get(Q) returns (R); }
"""
    roles = Roles([schema_of(tmp_path, text)])
    assert roles.of("t.Q") == Role(request=True, response=False, stored=False)
    assert roles.of("t.E") == Role(request=False, response=True, stored=False)
    assert roles.of("t.Inner") == Role(request=True, response=True, stored=False)
    assert roles.of("t.Event") == ANYWHERE


def test_an_element_is_found_in_its_file_at_its_line(tmp_path: Path):
    """
    Lines and columns count from 1.
    """
    message = Index(schema_of(tmp_path, PROTO3)).message("t.M")
    assert message is not None
    field = message.by_name["b"]
    place = field.file.location(field.path)
    assert (place.line, place.column) == (5, 3)
