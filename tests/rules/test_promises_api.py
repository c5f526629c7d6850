"""What google.api's annotations, deprecation, redaction and marked options promise.

What is expected follows from the AIPs that the rules name.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.cases.compiled import compiled
from wireproof.finding import Finding, Severity, Surface
from wireproof.rules import Comparison, compare
from wireproof.schema.schema import Schema

HEAD = """
syntax = "proto3";
package t;
import "google/api/annotations.proto";
import "google/api/client.proto";
import "google/api/field_behavior.proto";
import "google/api/field_info.proto";
import "google/api/resource.proto";
import "google/api/routing.proto";
import "google/api/visibility.proto";
import "google/longrunning/operations.proto";
import "google/protobuf/descriptor.proto";
extend google.protobuf.FieldOptions { string data_class = 50001; Level level = 50002; }
enum Level { LOW = 0; HIGH = 1; }
"""
Facts = list[tuple[str, str, list[str]]]


@cache
def schema(body: str) -> Schema:
    with TemporaryDirectory() as folder:
        (Path(folder) / "a.proto").write_text(HEAD + body)
        return compiled(Path(folder), "a.proto")


def compared(old: str, new: str, *promises: str) -> Comparison:
    return compare(schema(old), schema(new), engines=("wireproof",), promises=promises)


def facts(findings: tuple[Finding, ...]) -> Facts:
    return [(f.id, str(f.severity), [str(one) for one in f.breaks]) for f in findings]


def field(role: str, options: str = "", more: str = "") -> str:
    """A field `a` of a message that travels as *role*."""
    sides = {"request": ("M", "E"), "response": ("E", "M"), "both": ("M", "M")}
    rpc = "" if role == "nowhere" else "service S {{ rpc Get({}) returns ({}); }}"
    written = f" [{options}]" if options else ""
    return (
        f"message E {{}}\nmessage M {{ string a = 1{written}; {more} }}\n"
        f"{rpc.format(*sides.get(role, ()))}"
    )


def behaviour(name: str) -> str:
    return f"(google.api.field_behavior) = {name}" if name else ""


NARROWED, WIDENED = "FIELD_BEHAVIOR_NARROWED", "FIELD_BEHAVIOR_WIDENED"
OLD, NEW = ["old-client"], ["new-client"]


@pytest.mark.parametrize(
    ("role", "old", "new", "wanted"),
    [
        ("request", "", "REQUIRED", [(NARROWED, "error", OLD)]),
        ("nowhere", "", "REQUIRED", [(NARROWED, "error", OLD)]),
        ("response", "", "REQUIRED", []),
        ("request", "REQUIRED", "", [(WIDENED, "warning", NEW)]),
        ("request", "OPTIONAL", "REQUIRED", [(NARROWED, "error", OLD)]),
        ("request", "", "OPTIONAL", []),
        ("request", "OPTIONAL", "", []),
        ("both", "", "OUTPUT_ONLY", [(NARROWED, "error", OLD)]),
        ("response", "", "OUTPUT_ONLY", []),
        ("both", "OUTPUT_ONLY", "", [(WIDENED, "warning", NEW)]),
        ("both", "", "IMMUTABLE", [(NARROWED, "error", OLD)]),
        ("both", "IMMUTABLE", "", [(WIDENED, "warning", NEW)]),
        ("both", "", "INPUT_ONLY", [(NARROWED, "error", OLD)]),
        ("request", "", "INPUT_ONLY", []),
        ("both", "INPUT_ONLY", "", []),
        ("response", "", "UNORDERED_LIST", [(NARROWED, "warning", OLD)]),
        ("both", "", "IDENTIFIER", []),
        ("both", "", "NON_EMPTY_DEFAULT", []),
    ],
)
def test_a_behaviour_breaks_whom_it_asks_something_of(role: str, old: str, new: str, wanted: Facts):
    """
    AIP-203: what is asked of requests breaks who sends them, what is said of replies who reads.
    """
    found = compared(field(role, behaviour(old)), field(role, behaviour(new)))
    assert facts(found.findings) == wanted


def test_a_behaviour_is_told_by_its_name():
    """
    Nobody knows the numbers.
    """
    (change,) = compared(field("request"), field("request", behaviour("REQUIRED"))).changes
    assert change.words == "option google.api.field_behavior changed from none to REQUIRED"


def test_a_new_field_that_is_required_refuses_every_old_request():
    """
    Old clients cannot fill what they do not know.
    """
    new = field("request", more=f"string b = 2 [{behaviour('REQUIRED')}];")
    found = compared(field("request"), new).findings
    assert facts(found) == [("REQUIRED_BEHAVIOR_ADDED", "error", OLD)]


def test_a_new_required_field_of_a_reply_is_harmless():
    """
    Servers fill it.
    """
    new = field("response", more=f"string b = 2 [{behaviour('REQUIRED')}];")
    assert compared(field("response"), new).findings == ()


FORMAT = "FIELD_FORMAT_CHANGED"


@pytest.mark.parametrize(
    ("role", "old", "new", "wanted"),
    [
        ("request", "IPV4", "IPV6", [(FORMAT, "error", OLD)]),
        ("request", "IPV4_OR_IPV6", "IPV4", [(FORMAT, "error", OLD)]),
        ("request", "IPV4", "IPV4_OR_IPV6", [(FORMAT, "warning", NEW)]),
        ("request", "", "UUID4", [(FORMAT, "warning", OLD)]),
        ("response", "UUID4", "", [(FORMAT, "warning", OLD)]),
        ("request", "UUID4", "UUID4", []),
    ],
)
def test_a_format_breaks_those_whose_values_it_no_longer_takes(
    role: str, old: str, new: str, wanted: Facts
):
    """
    AIP-202: a format is a promise of which values are right.
    """
    options = [f"(google.api.field_info).format = {name}" if name else "" for name in (old, new)]
    assert facts(compared(*(field(role, one) for one in options)).findings) == wanted


REFERENCE = "RESOURCE_REFERENCE_CHANGED"


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ('type: "a.b/X"', 'type: "a.b/Y"', [(REFERENCE, "error", OLD)]),
        ('type: "*"', 'type: "a.b/Y"', [(REFERENCE, "error", OLD)]),
        ('type: "a.b/X"', 'child_type: "a.b/X"', [(REFERENCE, "error", OLD)]),
        ('type: "a.b/X"', 'type: "*"', [(REFERENCE, "warning", ["source"])]),
        ('type: "a.b/X"', "", [(REFERENCE, "warning", ["source"])]),
        ("", 'type: "a.b/X"', []),
    ],
)
def test_a_reference_breaks_those_who_pass_names_of_the_old_type(old: str, new: str, wanted: Facts):
    """
    To say for the first time what a field refers to takes nothing from anybody.
    """
    options = [
        f"(google.api.resource_reference) = {{ {one} }}" if one else "" for one in (old, new)
    ]
    assert facts(compared(*(field("request", one) for one in options)).findings) == wanted


def resource(written: str) -> str:
    option = f"option (google.api.resource) = {{ {written} }};" if written else ""
    return f"message M {{ {option} string name = 1; string id = 2; }}"


X = 'type: "a.b/X" pattern: "x/{x}"'
RESOURCE, PATTERN = "RESOURCE_CHANGED", "RESOURCE_PATTERN_REMOVED"


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        (X, 'type: "a.b/Y" pattern: "x/{x}"', [(RESOURCE, "error", ["old-client", "source"])]),
        (X, "", [(RESOURCE, "error", ["old-client", "source"])]),
        ("", X, []),
        (X, 'type: "a.b/X" pattern: "p/{p}/x/{x}"', [(PATTERN, "error", OLD)]),
        (X, f'{X} pattern: "p/{{p}}/x/{{x}}"', []),
        (X, f'{X} singular: "x" plural: "xs"', []),
        (X, 'type: "a.b/X" pattern: "*"', []),
        (X, 'type: "a.b/X" pattern: "x/{name}"', [(PATTERN, "warning", ["source"])]),
        (X, f'{X} name_field: "id"', [(RESOURCE, "error", OLD)]),
        (X, f'{X} name_field: "name"', []),
    ],
)
def test_a_resource_breaks_those_who_hold_its_names(old: str, new: str, wanted: Facts):
    """
    AIP-123: patterns may come, and never go.
    """
    assert facts(compared(resource(old), resource(new)).findings) == wanted


def test_a_name_that_was_right_is_shown():
    """
    The witness is a name of the old pattern.
    """
    new = resource('type: "a.b/X" pattern: "p/{p}/x/{x}"')
    (finding,) = compared(resource(X), new).findings
    assert finding.witness
    assert finding.witness.written == "x/x1"


def test_a_resource_definition_is_held_to_the_same():
    """
    Whether a file or a message declares it.
    """
    old = f"option (google.api.resource_definition) = {{ {X} }};"
    new = 'option (google.api.resource_definition) = { type: "a.b/X" pattern: "y/{y}" };'
    assert facts(compared(old, new).findings) == [(PATTERN, "error", OLD)]
    assert compared(old, resource(X)).findings == ()


def method(*options: str) -> str:
    rpc = f"rpc Get(M) returns (google.longrunning.Operation) {{ {' '.join(options)} }}"
    messages = "message E {} message F {} message M { string a = 1; string b = 2; }"
    return f"{messages}\nservice S {{ {rpc} }}"


def signatures(*written: str) -> str:
    return method(*(f'option (google.api.method_signature) = "{one}";' for one in written))


SIGNATURE = "METHOD_SIGNATURE_CHANGED"


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        (("a", "a,b"), ("a",), [(SIGNATURE, "error", ["source"])]),
        (("a,b",), ("b,a",), [(SIGNATURE, "error", ["source"])]),
        (("a,b",), ("a, b",), []),
        (("a",), ("a", "a,b"), []),
        (("a", "a,b"), ("a,b", "a"), [(SIGNATURE, "warning", ["source"])]),
        (("a",), (), [(SIGNATURE, "error", ["source"])]),
    ],
)
def test_a_signature_that_goes_breaks_generated_calls(
    old: tuple[str, ...], new: tuple[str, ...], wanted: Facts
):
    """
    AIP-4232: signatures may be added behind the others.
    """
    assert facts(compared(signatures(*old), signatures(*new)).findings) == wanted


def routing(*parameters: str) -> str:
    inner = " ".join(f"routing_parameters {{ {one} }}" for one in parameters)
    return method(f"option (google.api.routing) = {{ {inner} }};")


ROUTING = "ROUTING_CHANGED"


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        (('field: "a"',), ('field: "a"', 'field: "b"'), [(ROUTING, "warning", OLD)]),
        (('field: "a"', 'field: "b"'), ('field: "a"',), [(ROUTING, "warning", NEW)]),
        (('field: "a"', 'field: "b"'), ('field: "b"', 'field: "a"'), []),
    ],
)
def test_routing_breaks_those_who_send_the_other_header(
    old: tuple[str, ...], new: tuple[str, ...], wanted: Facts
):
    """
    AIP-4222: a client sends the header of the version that it was built with.
    """
    assert facts(compared(routing(*old), routing(*new)).findings) == wanted


def operation(response: str) -> str:
    info = f'{{ response_type: "{response}" metadata_type: "E" }}'
    return method(f"option (google.longrunning.operation_info) = {info};")


def test_the_result_of_an_operation_is_a_promise():
    """
    AIP-151: the Any is unpacked as what was announced, however its name was written.
    """
    found = compared(operation("E"), operation("F")).findings
    assert facts(found) == [("OPERATION_TYPE_CHANGED", "error", ["old-client", "new-client"])]
    assert compared(operation("E"), operation("t.E")).findings == ()


def visible(labels: str) -> str:
    return f'(google.api.field_visibility).restriction = "{labels}"' if labels else ""


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("", "INTERNAL", [("VISIBILITY_NARROWED", "error", OLD)]),
        ("A, B", "A", [("VISIBILITY_NARROWED", "error", OLD)]),
        ("A", "B, A", []),
        ("A", "", []),
    ],
)
def test_a_restriction_breaks_those_who_lose_sight(old: str, new: str, wanted: Facts):
    """
    More labels let more people see; none lets everybody.
    """
    found = compared(field("request", visible(old)), field("request", visible(new))).findings
    assert facts(found) == wanted


def commented(comment: str) -> str:
    return f"message M {{\n  // {comment}\n  string a = 1 [deprecated = true];\n}}"


@pytest.mark.parametrize(
    ("comment", "severity"),
    [
        ("The name.", Severity.WARNING),
        ("The name. Use `b` instead.", Severity.INFO),
        ("The name. Will be removed in 2031.", Severity.INFO),
        ("Deprecated.", Severity.WARNING),
        ("Replaced by b.", Severity.INFO),
    ],
)
def test_a_deprecation_says_what_to_use_or_until_when(comment: str, severity: Severity):
    """
    Whoever uses it has to know where to go.
    """
    (finding,) = compared("message M { string a = 1; }", commented(comment)).findings
    assert (finding.id, finding.severity) == ("DEPRECATED", severity)


def test_to_take_a_deprecation_back_is_harmless():
    """
    Nobody has to do anything.
    """
    assert compared(commented("The name."), "message M { string a = 1; }").findings == ()


def test_what_was_redacted_stays_redacted():
    """
    Personal data appears in logs otherwise.
    """
    hidden = "message M { string a = 1 [debug_redact = true]; }"
    found = compared(hidden, "message M { string a = 1; }").findings
    assert facts(found) == [("REDACTION_DROPPED", "warning", OLD)]
    assert compared("message M { string a = 1; }", hidden).findings == ()


def test_a_custom_option_is_told_and_breaks_only_where_policy_says():
    """
    Its meaning is known to its owners.
    """
    old, new = field("both", '(data_class) = "public"'), field("both", '(data_class) = "pii"')
    told = compared(old, new)
    assert [c.words for c in told.changes] == ["option t.data_class changed from public to pii"]
    assert told.findings == ()
    (finding,) = compared(old, new, "t.data_class").findings
    assert (finding.id, finding.severity) == ("MARKED_OPTION_CHANGED", Severity.ERROR)
    assert finding.surfaces == (Surface.PROMISE,)


def test_an_enum_of_a_custom_option_is_told_by_name():
    """
    As the source writes it.
    """
    (change,) = compared(field("both", "(level) = LOW"), field("both", "(level) = HIGH")).changes
    assert change.words == "option t.level changed from LOW to HIGH"
