"""Changes of `google.api.http`, by what becomes of a request as old clients send it.

What is expected follows from google/api/http.proto: which request lines a template takes, and
which fields travel in the path, the query and the body.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.cases.compiled import compiled
from wireproof.finding import Breaks, Finding
from wireproof.rules import compare
from wireproof.schema.schema import Schema

REMOVED, CHANGED, SHADOWED = "HTTP_BINDING_REMOVED", "HTTP_BINDING_CHANGED", "HTTP_ROUTE_SHADOWED"
HEAD = """
syntax = "proto3";
package t;
import "google/api/annotations.proto";
message Part { string title = 1; }
message Q { string name = 1; string id = 2; Part part = 3; }
message Only { string name = 1; }
message A { string name = 1; Part part = 2; }
"""
# One method: its binding before and after.
ROWS = [
    ('get: "/v1/{name}"', 'get: "/v1/{name}"', []),
    ('get: "/v1/{name}"', 'post: "/v1/{name}"', [REMOVED]),
    ('get: "/v1/{name}"', 'get: "/v2/{name}"', [REMOVED]),
    ('get: "/v1/{name}"', "", [REMOVED]),
    ("", 'get: "/v1/{name}"', []),
    ('get: "/v1/{name}"', 'get: "/v2/{name}" additional_bindings {get: "/v1/{name}"}', []),
    ('get: "/v2/{name}" additional_bindings {get: "/v1/{name}"}', 'get: "/v2/{name}"', [REMOVED]),
    ('get: "/v1/{name=a/*}"', 'get: "/v1/{name=a/*/b}"', [REMOVED]),
    ('get: "/v1/{name=a/*}"', 'get: "/v1/{name=**}"', []),
    ('get: "/v1/{name=**}"', 'get: "/v1/{name=a/*}"', [REMOVED]),
    ('get: "/v1/{name=a/**}"', 'get: "/v1/{name=a/*}"', [REMOVED]),
    ('get: "/v1/{name=*}"', 'get: "/v1/{name}"', []),
    ('get: "/v1/{name}"', 'get: "/v1/{id}"', [CHANGED]),
    ('get: "/v1/{name}"', 'get: "/v1/{part.title}"', [CHANGED]),
    ('get: "/v1/a/{name}"', 'get: "/v1/{name=a/*}"', [CHANGED]),
    ('post: "/v1/{name}:stop"', 'post: "/v1/{name}:halt"', [REMOVED]),
    ('post: "/v1/{name}:stop"', 'post: "/v1/{name}:stop" body: "*"', [CHANGED]),
    ('post: "/v1/{name}" body: "part"', 'post: "/v1/{name}" body: "*"', [CHANGED]),
    ('post: "/v1/{name}" body: "*"', 'post: "/v1/{name}"', [CHANGED]),
    ('get: "/v1/{name}"', 'get: "/v1/{name}" response_body: "part"', [CHANGED]),
    ('get: "/v1/{name}"', 'custom {kind: "*" path: "/v1/{name}"}', []),
    ('custom {kind: "HEAD" path: "/v1/{name}"}', 'get: "/v1/{name}"', [REMOVED]),
]


@cache
def schema(rpcs: str) -> Schema:
    with TemporaryDirectory() as folder:
        (Path(folder) / "a.proto").write_text(f"{HEAD}service S {{\n{rpcs}}}\n")
        return compiled(Path(folder), "a.proto")


def rpc(name: str, binding: str, request: str = "Q", response: str = "A") -> str:
    options = f"option (google.api.http) = {{ {binding} }};" if binding else ""
    return f"rpc {name}({request}) returns ({response}) {{ {options} }}\n"


def found(old: str, new: str) -> list[Finding]:
    return list(compare(schema(old), schema(new), engines=("wireproof",)).findings)


@pytest.mark.parametrize(("old", "new", "wanted"), ROWS)
def test_a_binding_breaks_those_whose_request_it_no_longer_takes(
    old: str, new: str, wanted: list[str]
):
    """
    What stays reachable with the same meaning is no break, however it is written.
    """
    findings = found(rpc("Get", old), rpc("Get", new))
    assert [f.id for f in findings] == wanted
    assert all(f.breaks == (Breaks.REST,) and f.witness for f in findings)


def test_a_body_of_a_request_that_is_all_path_may_come_and_go():
    """
    Without a field outside of the path, a body says nothing.
    """
    old = rpc("Stop", 'post: "/v1/{name}:stop" body: "*"', "Only")
    assert found(old, rpc("Stop", 'post: "/v1/{name}:stop"', "Only")) == []


def test_a_query_parameter_that_the_body_takes_is_named():
    """
    The message says which field is read from where.
    """
    old, new = 'post: "/v1/{name}" body: "part"', 'post: "/v1/{name}" body: "*"'
    (finding,) = found(rpc("Get", old), rpc("Get", new))
    assert "id is read from the body, as id, no longer from the query" in finding.message


def test_a_binding_that_moved_to_another_method_leads_elsewhere():
    """
    The old URL answers, but another method answers it.
    """
    old = rpc("Get", 'get: "/v1/{name}"') + rpc("Find", 'get: "/v2/{name}"', "Only")
    new = rpc("Get", 'get: "/v2/{name}"') + rpc("Find", 'get: "/v1/{name}"', "Only")
    findings = found(old, new)
    assert [(f.id, f.subject) for f in findings] == [(REMOVED, "t.S.Get"), (REMOVED, "t.S.Find")]
    assert findings[0].witness
    assert findings[0].witness.read == "leads to t.S.Find"


def test_methods_that_swap_their_urls_do_each_other_s_work():
    """
    Of the same messages, and still another method: what switched on switches off now.
    """
    on, off = 'post: "/v1/{name}:on"', 'post: "/v1/{name}:off"'
    findings = found(
        rpc("SwitchOn", on) + rpc("SwitchOff", off), rpc("SwitchOn", off) + rpc("SwitchOff", on)
    )
    assert [(f.id, f.subject) for f in findings] == [
        (REMOVED, "t.S.SwitchOn"),
        (REMOVED, "t.S.SwitchOff"),
    ]


def test_a_method_may_take_in_one_that_is_gone():
    """
    Two methods of the same messages become one, which keeps both URLs.
    """
    get, find = 'get: "/v1/{name}"', 'get: "/v2/{name}"'
    both = f"{get} additional_bindings {{{find}}}"
    findings = found(rpc("Get", get) + rpc("Find", find), rpc("Get", both))
    assert [f.id for f in findings] == ["RPC_REMOVED"]


def test_a_renamed_method_keeps_its_url():
    """
    Over HTTP nobody sees the name of a method.
    """
    findings = found(rpc("Get", 'get: "/v1/{name}"'), rpc("Fetch", 'get: "/v1/{name}"'))
    assert [f.id for f in findings] == ["RPC_REMOVED"]


def test_a_removed_method_takes_its_url_along():
    """
    Those who call it over HTTP break as well.
    """
    kept = rpc("Find", 'get: "/v2/{name}"')
    findings = found(kept + rpc("Get", 'get: "/v1/{name}"'), kept)
    assert [f.id for f in findings] == ["RPC_REMOVED", "HTTP_BINDING_GONE"]
    assert findings[1].breaks == (Breaks.REST,)


def test_a_plainer_route_takes_requests_of_another_method():
    """
    `users/me` was a user called me.
    """
    kept = rpc("Get", 'get: "/v1/users/{name}"')
    findings = found(kept, kept + rpc("Me", 'get: "/v1/users/me"'))
    assert [(f.id, str(f.severity)) for f in findings] == [(SHADOWED, "warning")]
    assert findings[0].witness
    assert findings[0].witness.written == "GET /v1/users/me"


def test_the_same_route_twice_is_an_error():
    """
    Which of two methods answers is left to chance.
    """
    kept = rpc("Get", 'get: "/v1/users/{name}"')
    findings = found(kept, kept + rpc("Other", 'get: "/v1/users/{id}"'))
    assert [(f.id, str(f.severity)) for f in findings] == [(SHADOWED, "error")]


def test_a_wider_route_beside_a_plain_one_takes_nothing_away():
    """
    Servers that rank routes prefer the plainer one.
    """
    kept = rpc("Get", 'get: "/v1/users/{name}"')
    assert found(kept, kept + rpc("Any", 'get: "/v1/{name=**}"')) == []


def test_two_schemas_may_be_compared_both_ways():
    """
    And one with itself.
    """
    one, other = schema(rpc("Get", 'get: "/v1/{name}"')), schema(rpc("Get", 'get: "/v2/{name}"'))
    ways = ((one, other), (other, one), (one, one))
    counts = [len(compare(a, b, engines=("wireproof",)).findings) for a, b in ways]
    assert counts == [1, 1, 0]
