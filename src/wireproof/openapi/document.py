"""A whole OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.descriptor import MethodDescriptor

from wireproof.changes.http import Binding, bindings
from wireproof.openapi.messages import Messages
from wireproof.openapi.operations import missing_field, operation
from wireproof.openapi.paths import Template, parse
from wireproof.schema.schema import Schema

VERSION = "3.1.0"
HTTP = "google.api.http"
_VERBS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True, slots=True)
class Document:
    """The document, and why some bindings are not in it."""

    content: dict[str, Any]
    left_out: tuple[str, ...] = ()

    @property
    def operations(self) -> int:
        return sum(len(item) for item in self.content["paths"].values())


@dataclass(slots=True)
class _Paths:
    """Paths that are taken: two that differ in the names of parameters alone are one."""

    content: dict[str, dict[str, Any]] = field(default_factory=dict)
    by_shape: dict[str, Template] = field(default_factory=dict)

    def add(self, template: Template, verb: str, made: dict[str, Any]) -> bool:
        """Add an operation; False where another has this path and verb."""
        known = self.by_shape.setdefault(template.shape, template)
        item = self.content.setdefault(known.path, {})
        if verb in item:
            return False
        names = {
            ours.name: theirs.name
            for ours, theirs in zip(template.variables, known.variables, strict=True)
        }
        for parameter in made.get("parameters", ()):
            if parameter["in"] == "path":
                parameter["name"] = names[parameter["name"]]
        item[verb] = made
        return True


def openapi(schema: Schema, *, title: str = "", version: str = "") -> Document:
    """The HTTP interface of *schema*: an operation for every binding of its own services.

    *title* is the names of the packages, *version* the schema's digest where neither is given.
    """
    messages, paths = Messages(schema), _Paths()
    left_out: list[str] = []
    for method, binding, number in _bound(schema):
        reason = _unusable(method, binding)
        if not reason:
            made = operation(messages, method, binding, template := parse(binding.path))
            made = {"operationId": _operation_id(method, number), **made}
            if not paths.add(template, binding.verb.lower(), made):
                reason = "another operation has this path and verb"
        if reason:
            left_out.append(f"{method.full_name}: {binding}: {reason}")
    packages = dict.fromkeys(service.file.package for service in schema.services)
    content = {
        "openapi": VERSION,
        "info": {"title": title or ", ".join(packages), "version": version or schema.digest[:19]},
        "tags": [*_tags(schema, messages, paths)],
        "paths": paths.content,
        "components": {"schemas": dict(sorted(messages.components.items()))},
    }
    return Document(content, tuple(left_out))


def _bound(schema: Schema) -> Iterator[tuple[MethodDescriptor, Binding, int]]:
    """Every binding of every method, numbered from 1 within it."""
    extension = schema.extension(HTTP)
    if extension is None:
        return
    for method in schema.methods():
        options: Any = schema.decoded(method.GetOptions())
        if options.HasExtension(extension):
            for number, binding in enumerate(bindings(options.Extensions[extension]), 1):
                yield method, binding, number


def _unusable(method: MethodDescriptor, binding: Binding) -> str:
    """Why OpenAPI cannot say this binding, or no server could honour it."""
    request, response = method.input_type, method.output_type
    if binding.verb.lower() not in _VERBS:
        return f"OpenAPI has no verb {binding.verb}"
    for name in sorted(parse(binding.path).fields):
        if missing_field(request, name):
            return f"{request.full_name} has no field {name}"
    if binding.body not in ("", "*") and binding.body not in request.fields_by_name:
        return f"{request.full_name} has no field {binding.body}"
    if binding.response_body and binding.response_body not in response.fields_by_name:
        return f"{response.full_name} has no field {binding.response_body}"
    return ""


def _operation_id(method: MethodDescriptor, number: int) -> str:
    """The full name: generated clients are called after it, and no other service may change it."""
    name = method.full_name.replace(".", "_")
    return name if number == 1 else f"{name}_{number}"


def _tags(schema: Schema, messages: Messages, paths: _Paths) -> Iterator[dict[str, str]]:
    used = {
        tag for item in paths.content.values() for made in item.values() for tag in made["tags"]
    }
    for service in schema.services:
        if service.full_name in used:
            said = messages.comments.get(service.full_name)
            yield {"name": service.full_name} | ({"description": said} if said else {})
