"""Random services over HTTP: bindings and rules upon the random files, and edits of both."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

from buf.validate import validate_pb2
from google.api import annotations_pb2, field_behavior_pb2, http_pb2
from google.protobuf import descriptor_pb2

from tests.rules.random_files import messages, random_file

_File = descriptor_pb2.FileDescriptorProto
_MODULES = (descriptor_pb2, http_pb2, annotations_pb2, field_behavior_pb2, validate_pb2)
BESIDE = tuple(_File.FromString(m.DESCRIPTOR.serialized_pb) for m in _MODULES)
"""What the files of this kind import."""
_VERBS = ("get", "put", "post", "delete", "patch")
_INTEGERS = {3: "int64", 4: "uint64", 5: "int32", 13: "uint32", 17: "sint32", 18: "sint64"}
_IN_PATHS = {3, 5, 8, 9, 13}  # types of fields that a segment of a path fills


def random_rest(rng: random.Random) -> _File:
    """A file whose methods are bound to HTTP, and some of whose fields are held to rules."""
    file = random_file(rng)
    file.dependency.extend(module.DESCRIPTOR.name for module in _MODULES[2:])
    if not file.service[0].method:
        file.service[0].method.add(name="Only", input_type=".r.A", output_type=".r.B")
    for method in file.service[0].method:
        _bind(file, method, rng)
    for _ in range(rng.randint(0, 4)):
        _rule(file, rng)
    return file


def edit(file: _File, rng: random.Random) -> str:
    """Change what an OpenAPI document shows; what was changed."""
    what = rng.choice([*_EDITS])
    _EDITS[what](file, rng)
    return what


def _bind(file: _File, method: Any, rng: random.Random) -> None:
    rule = method.options.Extensions[annotations_pb2.http]
    rule.Clear()
    fields = _fields(file, method.input_type)
    plain = [f.name for f in fields if f.type in _IN_PATHS and f.label != 3]
    path = f"/v1/{method.name.lower()}"
    if plain and rng.random() < 0.5:
        path += f"/{{{rng.choice(plain)}}}"
    setattr(rule, rng.choice(_VERBS), path)
    bodies = ["", "*", *(f.name for f in fields if f.type == 11)]
    rule.body = rng.choice(bodies)


def _fields(file: _File, name: str) -> list[Any]:
    found = {f".{file.package}.{scope}": message for scope, message in messages(file)}
    return [*found[name].field] if name in found else []


def _rule(file: _File, rng: random.Random) -> None:
    """Hold a field to other rules than it had."""
    fields = [field for _, message in messages(file) for field in message.field]
    if not fields:
        return
    field = rng.choice(fields)
    rules = field.options.Extensions[validate_pb2.field]
    rules.Clear()
    if rng.random() < 0.3:
        rules.required = True
    elif field.label == 3 and field.type_name.endswith("Entry"):
        rules.map.max_pairs = rng.randint(0, 4)
    elif field.label == 3:
        rules.repeated.max_items = rng.randint(0, 4)
    elif field.type == 9:
        setattr(rules.string, rng.choice(["min_len", "max_len"]), rng.randint(0, 4))
    elif field.type in _INTEGERS:
        setattr(
            getattr(rules, _INTEGERS[field.type]), rng.choice(["gte", "lte"]), rng.randint(0, 4)
        )
    elif field.type == 14:
        rules.enum.defined_only = True
    else:
        field.options.ClearExtension(validate_pb2.field)


def _behave(file: _File, rng: random.Random) -> None:
    fields = [field for _, message in messages(file) for field in message.field]
    if fields:
        said = rng.choice(fields).options.Extensions[field_behavior_pb2.field_behavior]
        del said[:]
        if rng.random() < 0.7:
            said.append(field_behavior_pb2.REQUIRED)


def _rebind(file: _File, rng: random.Random) -> None:
    if file.service and file.service[0].method:
        _bind(file, rng.choice(file.service[0].method), rng)


def _bind_again(file: _File, rng: random.Random) -> None:
    if file.service and file.service[0].method:
        method = rng.choice(file.service[0].method)
        before = http_pb2.HttpRule()
        before.CopyFrom(method.options.Extensions[annotations_pb2.http])
        _bind(file, method, rng)
        method.options.Extensions[annotations_pb2.http].additional_bindings.append(before)


def _unbind(file: _File, rng: random.Random) -> None:
    if file.service and file.service[0].method:
        rng.choice(file.service[0].method).options.ClearExtension(annotations_pb2.http)


def _stream(file: _File, rng: random.Random) -> None:
    if file.service and file.service[0].method:
        rng.choice(file.service[0].method).server_streaming ^= True


def _drop(file: _File, rng: random.Random) -> None:
    holders = [message for _, message in messages(file) if message.field]
    if holders:
        message = rng.choice(holders)
        del message.field[rng.randrange(len(message.field))]


def _rename(file: _File, rng: random.Random) -> None:
    holders = [message for _, message in messages(file) if message.field]
    if holders:
        field = rng.choice(rng.choice(holders).field)
        field.json_name = f"as{rng.randint(0, 9)}"


_EDITS: Mapping[str, Callable[[_File, random.Random], None]] = {
    "a rule": _rule,
    "a behaviour": _behave,
    "another binding": _rebind,
    "a binding more": _bind_again,
    "a binding less": _unbind,
    "a stream": _stream,
    "a field less": _drop,
    "a name in JSON": _rename,
}
