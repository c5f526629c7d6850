"""Rules of protoc-gen-validate (`validate.rules`) rewritten as those of buf.validate.

Its rules mean the same under nearly the same names, so a schema that uses them becomes one that
protovalidate understands: everything that reads rules then reads one kind. Violations carry the
ids of buf.validate. `map.no_sparse` says nothing about what can travel, and is left out.
Source: https://github.com/bufbuild/protoc-gen-validate and protovalidate's migration guide.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.protobuf import (
    descriptor_pb2,
    duration_pb2,
    field_mask_pb2,
    json_format,
    timestamp_pb2,
)
from google.protobuf.message import Message

from wireproof.schema.constraints import FIELD_RULES, ONEOF_RULES
from wireproof.schema.schema import Schema

PGV_FIELD = "validate.rules"
PGV_ONEOF = "validate.required"
PGV_OFF = ("validate.disabled", "validate.ignored")
_FOLDER = "buf/validate/"
_VALIDATE = f"{_FOLDER}validate.proto"
_KNOWN = (descriptor_pb2, duration_pb2, field_mask_pb2, timestamp_pb2)
_HEADERS = {name: f"KNOWN_REGEX_{name}" for name in ("HTTP_HEADER_NAME", "HTTP_HEADER_VALUE")}
_NESTED = ("items", "keys", "values")


def translated(schema: Schema) -> Schema:
    """*schema* with the rules of protoc-gen-validate as rules of buf.validate.

    The same object where it uses none, or declares rules of buf.validate for the field already.
    """
    schema = _of_today(schema)
    if schema.extension(PGV_FIELD) is None:
        return schema
    bare = Schema(_with_validate(schema.files), source=schema.source, own=schema.own)
    kind = bare.message_class("google.protobuf.FileDescriptorProto")
    files = [kind.FromString(file.SerializeToString()) for file in bare.files]
    for file in files:
        for message in _messages(file.message_type):  # type: ignore[attr-defined]
            _translate(bare, message)
    return Schema(tuple(map(_plain, files)), source=schema.source, own=schema.own)


def _of_today(schema: Schema) -> Schema:
    """*schema* with the one file that buf.validate is today, where it has it in several.

    The first releases were three files; validators know one, and refuse two of the same symbols.
    """
    gone = {name for name in schema.by_name if name.startswith(_FOLDER)}
    if gone <= {_VALIDATE}:
        return schema
    kept = [_without(file, gone) for file in schema.files if file.name not in gone]
    return Schema(_with_validate(tuple(kept)), source=schema.source, own=schema.own - gone)


def _without(
    file: descriptor_pb2.FileDescriptorProto, gone: set[str]
) -> descriptor_pb2.FileDescriptorProto:
    """*file*, importing one file instead of those that are *gone*."""
    if not gone & {*file.dependency}:
        return file
    plain = descriptor_pb2.FileDescriptorProto()
    plain.CopyFrom(file)
    plain.ClearField("public_dependency")
    plain.ClearField("weak_dependency")
    plain.dependency[:] = [*(one for one in file.dependency if one not in gone), _VALIDATE]
    return plain


def _with_validate(
    files: tuple[descriptor_pb2.FileDescriptorProto, ...],
) -> tuple[descriptor_pb2.FileDescriptorProto, ...]:
    """*files* after buf.validate and what it imports, each once."""
    # Heavy, and only schemas with such rules need it.
    from protovalidate._gen.buf.validate import validate_pb

    known = {module.DESCRIPTOR.name: module.DESCRIPTOR.serialized_pb for module in _KNOWN}
    known[_VALIDATE] = validate_pb.desc().proto.to_binary()
    given = {file.name: file for file in files}
    first = [
        given.get(name) or descriptor_pb2.FileDescriptorProto.FromString(data)
        for name, data in known.items()
    ]
    return (*first, *(file for file in files if file.name not in known))


def _translate(schema: Schema, message: Any) -> None:
    """Give the fields and oneofs of *message* (of the schema's own pool) rules of buf.validate."""
    off = [schema.extension(name) for name in PGV_OFF]
    if any(one is not None and message.options.Extensions[one] for one in off):
        return
    rules, target = schema.extension(PGV_FIELD), schema.extension(FIELD_RULES)
    for field in message.field:
        if field.options.HasExtension(rules) and not field.options.HasExtension(target):
            written = json_format.MessageToDict(
                field.options.Extensions[rules],
                preserving_proto_field_name=True,
                descriptor_pool=schema.pool,
            )
            found = field.options.Extensions[target]
            json_format.ParseDict(_field(written), found, ignore_unknown_fields=True)
    required, needed = schema.extension(PGV_ONEOF), schema.extension(ONEOF_RULES)
    for oneof in message.oneof_decl:
        if required is not None and oneof.options.Extensions[required]:
            oneof.options.Extensions[needed].required = True


def _field(written: dict[str, Any]) -> dict[str, Any]:
    """The FieldRules of buf.validate, from those of PGV, both as plain data."""
    found: dict[str, Any] = {}
    for kind, rules in written.items():
        known = dict(rules)
        if known.pop("required", False):
            found["required"] = True
        if known.pop("ignore_empty", False):
            found["ignore"] = "IGNORE_IF_ZERO_VALUE"
        if known.pop("skip", False):
            found["ignore"] = "IGNORE_ALWAYS"
        known.pop("no_sparse", None)
        if header := _HEADERS.get(known.pop("well_known_regex", "")):
            # PGV's lenient form is one for both: the name of a header may be empty in it.
            lenient = known.get("strict") is False
            known["well_known_regex"] = _HEADERS["HTTP_HEADER_VALUE"] if lenient else header
        known |= {name: _field(known[name]) for name in _NESTED if name in known}
        if kind != "message":
            found[kind] = known
    return found


def _plain(file: Message) -> descriptor_pb2.FileDescriptorProto:
    """*file* of the generated class, importing buf.validate where it does not yet."""
    plain = descriptor_pb2.FileDescriptorProto.FromString(file.SerializeToString())
    if _VALIDATE not in plain.dependency and plain.name not in _before_validate():
        plain.dependency.append(_VALIDATE)
    return plain


def _before_validate() -> frozenset[str]:
    return frozenset({_VALIDATE, *(module.DESCRIPTOR.name for module in _KNOWN)})


def _messages(messages: Any) -> Iterator[Any]:
    for message in messages:
        yield message
        yield from _messages(message.nested_type)
