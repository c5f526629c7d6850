"""What the definition of a predefined rule asks of the fields that use it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.cases.compiled import compiled
from wireproof.finding import Evidence, Finding
from wireproof.rules import compare
from wireproof.schema.schema import Schema

OWN = """
syntax = "proto2";
package t;
import "buf/validate/validate.proto";
extend buf.validate.Int32Rules {{
  optional bool own = 9161 [(buf.validate.predefined).cel = {{
    id: "own", expression: "{}"
  }}];
}}
"""
USER = """
syntax = "proto3";
package t;
import "buf/validate/validate.proto";
import "own.proto";
message E {{}}
message M {{ int32 a = 1{}; }}
service S {{ rpc Get(M) returns (E); }}
"""
USED = " [(buf.validate.field).int32.(t.own) = true]"
LISTED = " [(buf.validate.field).repeated.items.int32.(t.own) = true]"


@cache
def schema(expression: str, user: str) -> Schema:
    with TemporaryDirectory() as folder:
        (Path(folder) / "own.proto").write_text(OWN.format(expression))
        (Path(folder) / "user.proto").write_text(user)
        return compiled(Path(folder), "own.proto", "user.proto")


def found(old: str, new: str, user: str = "") -> tuple[Finding, ...]:
    user = user or USER.format(USED)
    return compare(schema(old, user), schema(new, user), engines=("wireproof",)).findings


def test_a_definition_that_asks_for_more_refuses_what_its_users_took():
    """
    The file of the field does not differ at all.
    """
    (finding,) = found("this > 3", "this > 4")
    assert finding.id == "PREDEFINED_RULE_NARROWED"
    assert finding.evidence is Evidence.PROVEN
    assert "t.M.a" in finding.message
    assert finding.witness
    assert finding.witness.written == {"a": 4}


def test_a_definition_that_asks_for_less_is_a_warning():
    """
    Only an old server refuses what the new rule takes.
    """
    (finding,) = found("this > 4", "this > 3")
    assert (finding.id, str(finding.severity)) == ("PREDEFINED_RULE_WIDENED", "warning")


def test_a_definition_inside_of_a_list_counts():
    """
    Items use rules as well.
    """
    user = USER.replace("int32 a", "repeated int32 a").format(LISTED)
    assert [f.id for f in found("this > 3", "this > 4", user)] == ["PREDEFINED_RULE_NARROWED"]


def test_a_definition_that_nobody_uses_breaks_nobody():
    """
    Without a field there is no value.
    """
    assert found("this > 3", "this > 4", USER.format("")) == ()


def test_the_same_definition_spaced_otherwise_is_quiet():
    """
    CEL does not care for spaces.
    """
    assert found("this > 3", "this>3") == ()
