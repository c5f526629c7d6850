"""RPCs as operations: where their request comes from, and what they answer.

The rules stand in google/api/http.proto: what the path names comes from the path, what `body` names
from the body, all other fields from the query.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor

from wireproof.changes.http import Binding
from wireproof.openapi.comments import first_sentence
from wireproof.openapi.messages import Messages
from wireproof.openapi.paths import Template, Variable
from wireproof.openapi.rules import Shape
from wireproof.openapi.wellknown import IN_QUERY

JSON = "application/json"
DEEPEST = 4  # levels of messages that a query reaches into; a message may contain itself


def operation(
    messages: Messages, method: MethodDescriptor, binding: Binding, template: Template
) -> Shape:
    """One way to call *method* over HTTP; the caller names it."""
    request = method.input_type
    made: Shape = {"tags": [method.containing_service.full_name]}
    if said := messages.comments.get(method.full_name):
        made |= {"summary": first_sentence(said), "description": said}
    if method.GetOptions().deprecated or method.containing_service.GetOptions().deprecated:
        made["deprecated"] = True
    parameters = [
        *_path(messages, request, template),
        *_query(messages, request, binding, template),
    ]
    if parameters:
        made["parameters"] = parameters
    if binding.body:
        made["requestBody"] = _body(messages, method, binding, template)
    made["responses"] = {
        "200": _answer(messages, method, binding),
        "default": {"description": "An error.", "content": {JSON: {"schema": messages.status()}}},
    }
    return made


def missing_field(request: Descriptor, path: str) -> bool:
    """Whether *path* names no field of *request*, whatever its annotation says."""
    return bool(path) and _resolve(request, path) is None


def _path(messages: Messages, request: Descriptor, template: Template) -> Iterator[Shape]:
    for variable in template.variables:
        field = _resolve(request, variable.field)
        shape = _segment(messages, field, variable)
        described = messages.describe(field) if field and variable.whole else ""
        if not variable.whole:
            described = f"Part of {variable.field}: {variable.template}"
        made: Shape = {"name": variable.name, "in": "path", "required": True, "schema": shape}
        yield made | ({"description": described} if described else {})


def _segment(messages: Messages, field: FieldDescriptor | None, variable: Variable) -> Shape:
    """What a part of a path may be: never empty, and without a slash where it is one segment."""
    if field is None or not variable.whole:
        shape: Shape = {"type": "string"}
    else:
        shape = messages.field(field)
        options = shape.get("anyOf", [])
        if options and options[0] == {"const": ""}:
            shape = options[1]
    if shape.get("type") == "string":
        shape = {**shape, "minLength": max(shape.get("minLength", 0), 1)}
        if not variable.deep and not shape.keys() & {"pattern", "enum", "const", "format"}:
            shape["pattern"] = "^[^/]+$"
    return shape


def _query(
    messages: Messages, request: Descriptor, binding: Binding, template: Template
) -> Iterator[Shape]:
    if binding.body == "*":
        return
    used = {*template.fields, binding.body}
    yield from _parameters(messages, request, used, "", "", 0)


def _parameters(
    messages: Messages, message: Descriptor, used: set[str], prefix: str, path: str, depth: int
) -> Iterator[Shape]:
    for field in message.fields:
        name, place = f"{prefix}{field.json_name}", f"{path}{field.name}"
        kind = field.message_type
        if place in used:
            continue
        if kind is None or kind.full_name in IN_QUERY:
            must = depth == 0 and messages.required(message, field)
            yield _parameter(messages, field, name, required=must)
        elif not field.is_repeated and kind.fields and depth < DEEPEST and not _well_known(kind):
            yield from _parameters(messages, kind, used, f"{name}.", f"{place}.", depth + 1)


def _parameter(messages: Messages, field: FieldDescriptor, name: str, *, required: bool) -> Shape:
    shape = messages.field(field)
    made: Shape = {"name": name, "in": "query", "required": required, "schema": shape}
    if said := messages.describe(field):
        made["description"] = said
    return made | ({"deprecated": True} if field.GetOptions().deprecated else {})


def _body(
    messages: Messages, method: MethodDescriptor, binding: Binding, template: Template
) -> Shape:
    request = method.input_type
    bound = template.fields - {""}
    if binding.body == "*":
        shape = messages.shape(request, without=bound) if bound else messages.reference(request)
        must = any(
            messages.required(request, field) for field in request.fields if field.name not in bound
        )
    else:
        field = request.fields_by_name[binding.body]
        inner = {path.removeprefix(f"{field.name}.") for path in bound if _within(path, field)}
        shape = _part(messages, request, field, inner)
        must = messages.required(request, field) and not inner
    if method.client_streaming:
        shape = {"type": "array", "items": shape}
    return {"required": must, "content": {JSON: {"schema": shape}}}


def _part(
    messages: Messages, request: Descriptor, field: FieldDescriptor, without: set[str]
) -> Shape:
    """The value of one field as a body, without what the path says of it."""
    if not without or field.message_type is None:
        return messages.field(field)
    whole = {f"{field.name}.{path}" for path in without}
    shape = messages.shape(request, without=whole)
    part: Shape = shape["properties"][field.json_name]
    return part


def _answer(messages: Messages, method: MethodDescriptor, binding: Binding) -> Shape:
    shape = messages.reference(method.output_type)
    if binding.response_body:
        shape = messages.field(method.output_type.fields_by_name[binding.response_body])
    described = "The reply."
    if method.server_streaming:
        shape = {"type": "array", "items": shape}
        described = "The replies, in order, as they come."
    return {"description": described, "content": {JSON: {"schema": shape}}}


def _resolve(message: Descriptor, path: str) -> FieldDescriptor | None:
    """The field at a path such as `user.user_id`; None where there is none."""
    field: FieldDescriptor | None = None
    inside: Any = message
    for name in path.split("."):
        field = inside.fields_by_name.get(name) if inside is not None else None
        if field is None:
            return None
        inside = field.message_type
    return field


def _within(path: str, field: FieldDescriptor) -> bool:
    return path.startswith(f"{field.name}.")


def _well_known(message: Descriptor) -> bool:
    return message.full_name.startswith("google.protobuf.")
