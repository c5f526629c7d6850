"""Lint rules over `google.api.http`: paths that parse, name fields that exist, and are apart."""

from __future__ import annotations

import re
from collections.abc import Iterator

from wireproof.changes.http import Binding
from wireproof.lint.linted import Linted
from wireproof.lint.rule import Fault, LintRule
from wireproof.schema.elements import MessageType, Rpc
from wireproof.schema.fields import Field

# The grammar of google/api/http.proto: Template = "/" Segments [ Verb ].
_SEGMENT = r"(?:\*\*|\*|[^/*{}:=]+)"
_VARIABLE = rf"\{{[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*(?:={_SEGMENT}(?:/{_SEGMENT})*)?\}}"
_PART = rf"(?:{_SEGMENT}|{_VARIABLE})"
_TEMPLATE = re.compile(rf"/(?:{_PART}(?:/{_PART})*(?::[^/*{{}}]+)?)?")
_NAMES = re.compile(r"\{([\w.]+)")
_PATTERNS = re.compile(r"\{[^=}]+(?:=([^}]*))?\}")
_CHANGING = ("PUT", "PATCH", "DELETE")
_NO_SIDE_EFFECTS, _IDEMPOTENT = 1, 2


def malformed(rpc: Rpc, linted: Linted) -> Iterator[Fault]:
    for binding in linted.bindings(rpc):
        if not _TEMPLATE.fullmatch(binding.path):
            yield Fault("a path as google/api/http.proto writes it", binding.path)
        elif "**" in binding.path.replace("**}", "").rsplit(":", 1)[0].removesuffix("**"):
            yield Fault("`**` as the last segment only", binding.path)


def unknown_field(rpc: Rpc, linted: Linted) -> Iterator[Fault]:
    request, response = linted.message(rpc.request), linted.message(rpc.response)
    for binding in linted.bindings(rpc):
        if request is not None:
            yield from _unknown(binding, request, linted)
        answered = binding.response_body
        if answered and response is not None and answered not in response.by_name:
            yield Fault(f"a field of {rpc.response}", f"response_body {answered}")


def _unknown(binding: Binding, request: MessageType, linted: Linted) -> Iterator[Fault]:
    for name in _NAMES.findall(binding.path):
        field = field_at(name, request, linted)
        if field is None:
            yield Fault(f"a field of {request.full_name}", f"{{{name}}} in {binding.path}")
        elif field.repeated or field.kind in ("message", "group"):
            held = field.held
            yield Fault("a single value in the path", f"{{{name}}}, which holds {held}")
    if binding.body not in ("", "*") and binding.body not in request.by_name:
        yield Fault(f"a field of {request.full_name}", f"body {binding.body}")


def field_at(path: str, message: MessageType | None, linted: Linted) -> Field | None:
    """The field that a dotted path of field names leads to."""
    field: Field | None = None
    for name in path.split("."):
        field = message.by_name.get(name) if message is not None else None
        if field is None:
            return None
        message = linted.message(field.type_name) if field.type_name else None
    return field


def shadowed(rpc: Rpc, linted: Linted) -> Iterator[Fault]:
    """Told of the later of two methods: the earlier one is where the request may go instead."""
    for binding in linted.bindings(rpc):
        first = routes(linted)[_route(binding)]
        if first is not rpc and first.full_name != rpc.full_name:
            yield Fault(f"a path of its own, apart from {first.full_name}'s", str(binding))


def routes(linted: Linted) -> dict[tuple[str, str], Rpc]:
    """Verb and path → the first method that has it; variables count as what they match."""
    found: dict[tuple[str, str], Rpc] = {}
    for element in linted.elements():
        if isinstance(element, Rpc):
            for binding in linted.bindings(element):
                found.setdefault(_route(binding), element)
    return found


def _route(binding: Binding) -> tuple[str, str]:
    return binding.verb, _PATTERNS.sub(lambda found: found.group(1) or "*", binding.path)


def verb_against_level(rpc: Rpc, linted: Linted) -> Iterator[Fault]:
    level = rpc.proto.options.idempotency_level
    for binding in linted.bindings(rpc):
        if level == _NO_SIDE_EFFECTS and binding.verb in _CHANGING:
            yield Fault("NO_SIDE_EFFECTS", f"{binding.verb} {binding.path}")
        elif level == _IDEMPOTENT and binding.verb == "GET":
            yield Fault("IDEMPOTENT, so with side effects", f"GET {binding.path}")


RULES: tuple[LintRule, ...] = (
    LintRule(
        id="HTTP_PATH_MALFORMED",
        on=(Rpc,),
        check=malformed,
        says="{subject} has the path {found}, which is no path template: it needs {promised}",
        why="Gateways refuse to start with it, or route nothing there.",
        fix="Write the path as google/api/http.proto says.",
    ),
    LintRule(
        id="HTTP_FIELD_UNKNOWN",
        on=(Rpc,),
        check=unknown_field,
        says="{subject} maps {found}, and not {promised}",
        why="Gateways refuse to start with it, or drop what clients send there.",
        fix="Name a field that the message has; a path variable holds one scalar value.",
    ),
    LintRule(
        id="HTTP_PATH_SHADOWED",
        on=(Rpc,),
        check=shadowed,
        says="{subject} is mapped to {found}, and needs {promised}",
        why="One request line leads to two methods: which one answers is an accident.",
        fix="Give each method a path, or a verb, of its own.",
    ),
    LintRule(
        id="IDEMPOTENCY_AGAINST_VERB",
        on=(Rpc,),
        check=verb_against_level,
        says="{subject} is declared {promised}, and called by {found}",
        why="Proxies and caches go by the verb (RFC 9110, 9.2), gRPC clients by the level.",
        fix="Choose the verb that says the same as idempotency_level.",
    ),
)
