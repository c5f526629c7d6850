"""What the types of a file refer to, read from its bytes at a glance: large schemas are read so."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from google.protobuf.message import Message

from wireproof.schema.annotated import ANNOTATION, HTTP, REPLIES_VALID, STORED, annotates, binds
from wireproof.schema.image import PackedFile
from wireproof.schema.minimal import BOOL, MANY, ONE, STRING, Row, minimal

CARRIERS = ("request", "response", "promised response", "request over HTTP", "reply over HTTP")
"""What carries a type: a promised response keeps its validation rules."""


class Uses(NamedTuple):
    """What the types of one file refer to, and what its RPCs carry; names begin with a dot."""

    types: dict[str, tuple[str, ...]]
    """Each message and enum → the types of its fields."""
    extensions: tuple[tuple[str, str], ...]
    """What messages, wherever they are declared, are extended by."""
    carried: Mapping[str, tuple[str, ...]]
    """What calls carry, by the names of `CARRIERS`."""
    stored: tuple[str, ...]
    """The messages that are annotated as stored."""


def uses(packed: PackedFile) -> Uses:
    """What is said in *packed*."""
    data = packed.data
    file: Any = _kinds()["File"].FromString(data)
    annotated = annotates(data)
    prefix = f".{file.package}" if file.package else ""
    types: dict[str, tuple[str, ...]] = {f"{prefix}.{enum.name}": () for enum in file.enum_type}
    extensions, stored = list(file.extension), []
    waiting = [(f"{prefix}.{message.name}", message) for message in file.message_type]
    for name, message in waiting:  # it grows by what is nested
        types[name] = tuple(message.field.type_name)
        for enum in message.enum_type:
            types[f"{name}.{enum.name}"] = ()
        waiting += [(f"{name}.{nested.name}", nested) for nested in message.nested_type]
        extensions += message.extension
        if annotated and message.options.annotation.stored:
            stored.append(name)
    return Uses(
        types,
        tuple((one.extendee, one.type_name) for one in extensions if one.type_name),
        _carried(file, annotated=annotated, bound=binds(data)),
        tuple(stored),
    )


def _carried(file: Any, *, annotated: bool, bound: bool) -> dict[str, tuple[str, ...]]:
    methods = [method for service in file.service for method in service.method]
    promising = [m for m in methods if annotated and m.options.annotation.replies_valid]
    over_http = [method for method in methods if bound and method.options.HasField("http")]
    found = (
        [method.input_type for method in methods],
        [method.output_type for method in methods],
        [method.output_type for method in promising],
        [method.input_type for method in over_http],
        [method.output_type for method in over_http],
    )
    return dict(zip(CARRIERS, map(tuple, found), strict=True))


_NAME: Row = ("name", 1, ONE, STRING)
_ROWS: dict[str, tuple[Row, ...]] = {
    "File": (
        ("package", 2, ONE, STRING),
        ("message_type", 4, MANY, "Message"),
        ("enum_type", 5, MANY, "Named"),
        ("service", 6, MANY, "Service"),
        ("extension", 7, MANY, "Extension"),
    ),
    "Message": (
        _NAME,
        # Said to be one, fields are merged as they are parsed: the types of all come as one list.
        ("field", 2, ONE, "Fields"),
        ("nested_type", 3, MANY, "Message"),
        ("enum_type", 4, MANY, "Named"),
        ("extension", 6, MANY, "Extension"),
        ("options", 7, ONE, "Options"),
    ),
    "Fields": (("type_name", 6, MANY, STRING),),
    "Named": (_NAME,),
    "Service": (("method", 2, MANY, "Method"),),
    "Method": (
        ("input_type", 2, ONE, STRING),
        ("output_type", 3, ONE, STRING),
        ("options", 4, ONE, "Options"),
    ),
    "Extension": (("extendee", 2, ONE, STRING), ("type_name", 6, ONE, STRING)),
    "Options": (("annotation", ANNOTATION, ONE, "Said"), ("http", HTTP, ONE, "Rule")),
    "Rule": (),
    "Said": (("stored", STORED, ONE, BOOL), ("replies_valid", REPLIES_VALID, ONE, BOOL)),
}
"""The parts of descriptor.proto that roles are read from, by its numbers."""


@cache
def _kinds() -> dict[str, type[Message]]:
    return minimal("uses", _ROWS)
