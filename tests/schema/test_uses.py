from __future__ import annotations

from pathlib import Path

from tests.cases.compiled import compiled
from tests.schema.repos import write
from wireproof.schema.uses import Uses, uses

FILE = """syntax = "proto2";
package t;
message M {
  optional int32 plain = 1;
  optional M same = 2;
  map<string, E> mapped = 3;
  optional group G = 4 { optional E held = 1; }
  message Nested { optional Nested again = 1; enum Own { OWN = 0; } extensions 5; }
  extend Nested { optional M within = 5; }
  extensions 9 to 10;
}
extend M { optional E outside = 9; optional int32 scalar = 10; }
enum E { E_A = 0; }
service S {
  rpc One(M) returns (M.Nested);
  rpc Two(M.Nested) returns (M);
}
"""


def test_every_reference_is_told_once_where_it_stands(tmp_path: Path):
    """
    Fields of scalars refer to nothing; groups and maps to the types that compilers make of them.
    """
    schema = compiled(write(tmp_path, m_proto=FILE), "m.proto")
    assert uses(schema.by_name["m.proto"]) == Uses(
        types={
            ".t.M": (".t.M", ".t.M.MappedEntry", ".t.M.G"),
            ".t.M.MappedEntry": (".t.E",),
            ".t.M.G": (".t.E",),
            ".t.M.Nested": (".t.M.Nested",),
            ".t.M.Nested.Own": (),
            ".t.E": (),
        },
        extensions=((".t.M", ".t.E"), (".t.M.Nested", ".t.M")),
        carried={
            "request": (".t.M", ".t.M.Nested"),
            "response": (".t.M.Nested", ".t.M"),
            "promised response": (),
            "request over HTTP": (),
            "reply over HTTP": (),
        },
        stored=(),
    )
