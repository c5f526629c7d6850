"""What annotations (google.api, Wireproof's own) say, read through the schema's own pool."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor

from wireproof.checks.compare import Paths
from wireproof.schema.schema import Schema

REQUIRED, OUTPUT_ONLY, INPUT_ONLY, IMMUTABLE, IDENTIFIER = 2, 3, 4, 5, 8
"""Values of google.api.FieldBehavior."""

_PROMISES = {
    "MethodOptions": "wireproof.annotations.v1.method",
    "MessageOptions": "wireproof.annotations.v1.message",
    "FieldOptions": "wireproof.annotations.v1.field",
    "EnumValueOptions": "wireproof.annotations.v1.state",
}
_NAME = re.compile(r"\{[\w.]+=[^}]*/[^}]*\}")
_VARIABLE = re.compile(r"\{([\w.]+)(?:=[^}]*)?\}")


@dataclass(frozen=True, slots=True)
class Http:
    """A google.api.http rule."""

    verb: str
    path: str
    body: str

    @property
    def variables(self) -> tuple[str, ...]:
        """The request fields that the path holds."""
        return tuple(_VARIABLE.findall(self.path))

    @property
    def by_name(self) -> bool:
        """Whether a variable of the path holds the name of a resource, collections and all."""
        return bool(_NAME.search(self.path))

    @property
    def custom(self) -> str:
        """The custom verb after the path's colon."""
        tail = _VARIABLE.sub("", self.path).rsplit("/", 1)[-1]
        return tail.partition(":")[2]


def option(schema: Schema, described: Any, name: str) -> Any:
    """The value of the extension *name* in the options of *described*; None where unset."""
    extension = schema.extension(name)
    if extension is None:
        return None
    options: Any = schema.decoded(described.GetOptions())
    try:
        if extension.is_repeated:
            return tuple(options.Extensions[extension])
        if options.HasExtension(extension):
            return options.Extensions[extension]
    except KeyError:  # the schema extends another options message under that name
        return None
    return None


def http(schema: Schema, method: MethodDescriptor) -> Http | None:
    """The method's google.api.http rule."""
    rule = option(schema, method, "google.api.http")
    verb = rule.WhichOneof("pattern") if rule is not None else None
    if verb is None or verb == "custom":
        return None
    return Http(verb, getattr(rule, verb), rule.body)


def behaviors(schema: Schema, field: FieldDescriptor) -> tuple[int, ...]:
    """The field's google.api.field_behavior."""
    return option(schema, field, "google.api.field_behavior") or ()


def marked(schema: Schema, message: Descriptor, behavior: int) -> Paths:
    """The fields of *message*, by path, that carry *behavior*; enters singular messages."""
    return frozenset(_marked(schema, message, behavior, "", (message.full_name,)))


def _marked(
    schema: Schema, message: Descriptor, behavior: int, prefix: str, above: tuple[str, ...]
) -> list[str]:
    found: list[str] = []
    for field in message.fields:
        if behavior in behaviors(schema, field):
            found.append(prefix + field.name)
        elif field.message_type and not field.is_repeated:
            inner = field.message_type
            if inner.full_name not in above and len(above) < 4:
                below = (*above, inner.full_name)
                found += _marked(schema, inner, behavior, f"{prefix}{field.name}.", below)
    return found


def is_resource(schema: Schema, message: Descriptor) -> bool:
    """Whether the schema declares *message* a resource (google.api.resource)."""
    return option(schema, message, "google.api.resource") is not None


@dataclass(frozen=True, slots=True)
class Kind:
    """A google.api.resource: its type (`shop.example.com/Book`), the patterns of its names."""

    type: str
    patterns: tuple[str, ...]

    def holds(self, other: Kind) -> bool:
        """Whether the names of *other* begin with names of this kind and one collection more."""
        above = {_above(pattern) for pattern in other.patterns}
        return any(pattern in above for pattern in self.patterns)


def _above(pattern: str) -> str:
    """`shelves/{shelf}/books/{book}` lies under `shelves/{shelf}`."""
    return "/".join(pattern.split("/")[:-2])


def kind(schema: Schema, message: Descriptor) -> Kind | None:
    """What the schema declares the resource *message* to be."""
    said = option(schema, message, "google.api.resource")
    return Kind(said.type, tuple(said.pattern)) if said is not None else None


def referred(schema: Schema, field: FieldDescriptor) -> tuple[str, bool] | None:
    """The type of resource that a field names, and whether what it names holds that type."""
    said = option(schema, field, "google.api.resource_reference")
    if said is None or "*" in (said.type, said.child_type):
        return None
    return (said.child_type, True) if said.child_type else (said.type, False)


def promises_aip(schema: Schema, method: MethodDescriptor) -> bool:
    """Whether the schema speaks of *method* in the annotations of the AIPs.

    A binding to HTTP alone promises nothing but that: gateways of all kinds read it. One that takes
    a whole resource name (`{name=shelves/*}`, AIP-127) tells more.
    """
    bound = http(schema, method)
    if (bound and bound.by_name) or option(schema, method, "google.api.method_signature"):
        return True
    return any(behaviors(schema, field) for field in method.input_type.fields)


def idempotent(schema: Schema, method: MethodDescriptor) -> bool:
    """Whether the schema declares that twice is once."""
    promised = promise(schema, method, "idempotent")
    return method.GetOptions().idempotency_level == 2 if promised is None else bool(promised)


def without_side_effects(schema: Schema, method: MethodDescriptor) -> bool:
    """Whether the schema declares that the method only reads."""
    promised = promise(schema, method, "side_effects")
    return method.GetOptions().idempotency_level == 1 if promised is None else not promised


def promise(schema: Schema, described: Any, name: str) -> Any:
    """What wireproof.annotations says of a method, message, field or value under *name*.

    None where it says nothing.
    """
    said = option(schema, described, _PROMISES[described.GetOptions().DESCRIPTOR.name])
    field = said.DESCRIPTOR.fields_by_name.get(name) if said is not None else None
    if field is None or (field.has_presence and not said.HasField(name)):
        return None
    return getattr(said, name)
