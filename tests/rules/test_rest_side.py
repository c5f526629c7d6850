"""What breaks a caller over REST says so: whatever an OpenAPI document would show as changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from wireproof.finding import Breaks
from wireproof.rules.history import compare_sources

HEAD = """syntax = "proto3";
package shop.v1;
import "buf/validate/validate.proto";
import "google/api/annotations.proto";
import "google/api/client.proto";
import "google/api/field_behavior.proto";
service Shop {
  option (google.api.oauth_scopes) = "read,write";
  rpc GetOrder(GetOrderRequest) returns (Order) {
    option (google.api.http) = {get: "/v1/orders/{order_id}"};
  }
  rpc CreateOrder(CreateOrderRequest) returns (CreateOrderResponse) {
    option (google.api.http) = {post: "/v1/orders" body: "order"};
  }
  rpc Audit(AuditRequest) returns (AuditResponse);
}
message AuditRequest {
  string reason = 1 [(buf.validate.field).string.max_len = 10];
}
message AuditResponse {
  string told = 1 [(buf.validate.field).string.max_len = 20];
}
message GetOrderRequest {
  string order_id = 1;
  int32 view = 2;
  State only = 3;
}
message CreateOrderRequest {
  Order order = 1;
  string request_id = 2 [(buf.validate.field).string.max_len = 30];
}
message CreateOrderResponse {
  Order order = 1;
  string note = 2;
}
message Order {
  string order_id = 1;
  int64 total = 2;
  State state = 3;
  string label = 4 [(buf.validate.field).string.max_len = 100];
}
enum State {
  STATE_UNSPECIFIED = 0;
  STATE_OPEN = 1;
  STATE_CLOSED = 2;
}
"""

BREAKS = {
    "a path moved": ("/v1/orders/{order_id}", "/v2/orders/{order_id}"),
    "a verb changed": ('post: "/v1/orders" body', 'put: "/v1/orders" body'),
    "the body is another": ('body: "order"', 'body: "*"'),
    "the reply is another": ('body: "order"}', 'body: "order" response_body: "order"}'),
    "the path fills another field": (
        '/v1/orders/{order_id}"};',
        '/v1/orders/{view}"};',
    ),
    "a parameter renamed": ("int32 view = 2", "int32 look = 2"),
    "a parameter gone": ("  int32 view = 2;\n", ""),
    "a parameter of another type": ("int32 view = 2", "bool view = 2"),
    "a parameter called otherwise in JSON": (
        "int32 view = 2;",
        'int32 view = 2 [json_name = "as"];',
    ),
    "a value renamed": ("STATE_CLOSED = 2", "STATE_DONE = 2"),
    "a value gone": ("  STATE_CLOSED = 2;\n", ""),
    "a field of the reply renamed": ("string note = 2", "string remark = 2"),
    "a field of the reply gone": ("  string note = 2;\n", ""),
    "a field of another JSON type": ("int64 total = 2", "int32 total = 2"),
    "a field that became a list": ("string note = 2", "repeated string note = 2"),
    "a method gone": (HEAD[HEAD.index("  rpc CreateOrder") : HEAD.index("  rpc Audit")], ""),
}
PROMISES = {
    "a parameter became required": (
        "int32 view = 2;",
        "int32 view = 2 [(buf.validate.field).required = true];",
        ["VALIDATION_NARROWED"],
    ),
    "a parameter said to be required": (
        "int32 view = 2;",
        "int32 view = 2 [(google.api.field_behavior) = REQUIRED];",
        ["FIELD_BEHAVIOR_NARROWED"],
    ),
    "a required parameter more": (
        "int32 view = 2;",
        "int32 view = 2;\n  string lang = 4 [(buf.validate.field).required = true];",
        ["VALIDATION_ASKS_FOR_NEW"],
    ),
    "a limit lowered": ("max_len = 100", "max_len = 50", ["VALIDATION_NARROWED"]),
    "a limit of replies raised": ("max_len = 100", "max_len = 200", ["VALIDATION_WIDENED"]),
    "replies one after the other": (
        "returns (CreateOrderResponse)",
        "returns (stream CreateOrderResponse)",
        ["RPC_STREAMING_CHANGED"],
    ),
    "a scope that opens no door any more": ('"read,write"', '"write"', ["OAUTH_SCOPE_REMOVED"]),
}
"""What breaks other clients too: the change, and the findings that name both."""
OF_OTHERS = {
    "a limit lowered": ("max_len = 10]", "max_len = 5]", ["VALIDATION_NARROWED"]),
    "a limit of replies raised": ("max_len = 20]", "max_len = 40]", ["VALIDATION_WIDENED"]),
    "replies one after the other": (
        "returns (AuditResponse)",
        "returns (stream AuditResponse)",
        ["RPC_STREAMING_CHANGED"],
    ),
}
"""The same of a method that nobody reaches over HTTP."""
HARMLESS = {
    "another path besides": (
        '{get: "/v1/orders/{order_id}"}',
        '{get: "/v1/orders/{order_id}" additional_bindings {get: "/v2/orders/{order_id}"}}',
    ),
    "a parameter more": ("int32 view = 2;", "int32 view = 2;\n  string lang = 4;"),
    "a field of the reply more": ("string note = 2;", "string note = 2;\n  string more = 3;"),
}


def told_to(whom: Breaks, tmp_path: Path, change: tuple[str, str]) -> list[str]:
    """The findings that name these victims, of this replacement in the schema."""
    assert HEAD.count(change[0]) == 1
    for name, text in (("old", HEAD), ("new", HEAD.replace(*change))):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "shop.proto").write_text(text)
    found = compare_sources(
        [str(tmp_path / "old"), str(tmp_path / "new")], engines=("wireproof",)
    ).findings
    return [finding.id for finding in found if whom in finding.breaks]


@pytest.mark.parametrize("change", BREAKS.values(), ids=BREAKS)
def test_what_breaks_a_caller_over_rest_says_so(tmp_path: Path, change: tuple[str, str]) -> None:
    """Whatever else it breaks."""
    assert told_to(Breaks.REST, tmp_path, change) != []


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS)
def test_what_breaks_nobody_over_rest_does_not(tmp_path: Path, change: tuple[str, str]) -> None:
    """No false alarm."""
    assert told_to(Breaks.REST, tmp_path, change) == []


@pytest.mark.parametrize(("was", "now", "ids"), PROMISES.values(), ids=PROMISES)
def test_a_promise_to_clients_is_one_to_callers_over_rest(
    tmp_path: Path, was: str, now: str, ids: list[str]
) -> None:
    """The server judges and answers both alike."""
    assert told_to(Breaks.REST, tmp_path, (was, now)) == ids
    assert told_to(Breaks.OLD_CLIENT, tmp_path / "again", (was, now)) == ids


@pytest.mark.parametrize(("was", "now", "ids"), OF_OTHERS.values(), ids=OF_OTHERS)
def test_what_is_not_bound_to_http_breaks_nobody_over_rest(
    tmp_path: Path, was: str, now: str, ids: list[str]
) -> None:
    """Its clients break alone."""
    assert told_to(Breaks.REST, tmp_path, (was, now)) == []
    assert told_to(Breaks.OLD_CLIENT, tmp_path / "again", (was, now)) == ids


def test_a_route_that_is_there_twice_may_lead_to_either(tmp_path: Path) -> None:
    """Nothing says which of two equal routes a server takes."""
    other = 'post: "/v1/orders" body: "*" additional_bindings {post: "/v1/orders" body: "order"}'
    change = ('post: "/v1/orders" body: "order"', other)
    assert told_to(Breaks.REST, tmp_path, change) == ["HTTP_BINDING_CHANGED"]
