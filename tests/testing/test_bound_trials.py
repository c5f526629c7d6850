"""Which arguments of a list bound which numbers of its things, by their names."""

from __future__ import annotations

from wireproof.exchange import method_of
from wireproof.schema.source import load
from wireproof.testing.bound_trials import bounds

FILE = """\
syntax = "proto3";
package yard;
message Crate {
  int32 count = 1;
  int64 price = 2;
  double weight = 3;
  string label = 4;
}
message ListCratesRequest {
  int32 max_count = 1;
  int64 max_price = 2;
  double weight_from = 3;
  string max_label = 4;
  int32 max_height = 5;
}
message ListCratesResponse { repeated Crate crates = 1; }
service Yard { rpc ListCrates(ListCratesRequest) returns (ListCratesResponse); }
"""


def test_numbers_are_bounded_and_how_many_there_may_be_is_no_bound(tmp_path):
    """
    `max_count` says how many crates to list, whatever is counted in a crate.
    """
    (tmp_path / "yard.proto").write_text(FILE, encoding="utf-8")
    schema = load(str(tmp_path))
    [method] = map(method_of, schema.methods())
    found = [(asked, name) for asked, name, _ in bounds(method, schema.message("yard.Crate"))]
    assert found == [("max_price", "price"), ("weight_from", "weight")]
