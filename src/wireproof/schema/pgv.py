"""PGV's rules (`validate.rules`) as the rules of protovalidate that say the same.

protovalidate grew out of PGV (https://github.com/bufbuild/protoc-gen-validate) and kept its names:
what differs are `ignore_empty`, `skip` and `required` inside of a type's rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from google.protobuf import (
    descriptor_pb2,
    descriptor_pool,
    duration_pb2,
    field_mask_pb2,
    message_factory,
    timestamp_pb2,
)
from google.protobuf.message import Message

from wireproof.schema.image import PackedFile, pack
from wireproof.schema.schema import Schema

RULES = "validate.rules"
DISABLED = ("validate.disabled", "validate.ignored")
_REQUIRED = "validate.required"
_FILE = "buf/validate/validate.proto"
_IGNORED = {"ignore_empty": 1, "skip": 3}
"""PGV's switch → the `ignore` that does the same (IF_ZERO_VALUE, ALWAYS)."""


def as_protovalidate(schema: Schema) -> Schema:
    """*schema* with every rule of PGV said by protovalidate; itself where it has none."""
    if schema.extension(RULES) is None:
        return schema
    first = {file.name: file for file in _validate_files(schema)}
    rest = (_rewritten(p, schema) for p in schema.packed if p.name not in first)
    packed = [*first.values(), *rest]
    return Schema(source=schema.source, own=schema.own, packed=packed, modules=schema.modules)


def _validate_files(schema: Schema) -> Iterator[PackedFile]:
    """buf/validate and what it imports: the schema's own where it has them."""
    return (schema.by_name.get(file.name) or pack(file) for file in _bundle())


@cache
def _bundle() -> tuple[descriptor_pb2.FileDescriptorProto, ...]:
    from protovalidate._gen.buf.validate import validate_pb  # heavy

    known = (descriptor_pb2, duration_pb2, field_mask_pb2, timestamp_pb2)
    data = [m.DESCRIPTOR.serialized_pb for m in known] + [validate_pb.desc().proto.to_binary()]
    return tuple(descriptor_pb2.FileDescriptorProto.FromString(one) for one in data)


@cache
def _kinds() -> dict[str, type[Message]]:
    pool = descriptor_pool.DescriptorPool()
    for file in _bundle():
        pool.Add(file)
    names = ("FieldRules", "OneofRules")
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"buf.validate.{name}"))
        for name in names
    }


def _rewritten(packed: PackedFile, schema: Schema) -> PackedFile:
    file = schema.file(packed.name)
    if not any(name.endswith("validate.proto") for name in file.dependency):
        return packed
    copy = descriptor_pb2.FileDescriptorProto()
    copy.CopyFrom(file)
    if _FILE not in copy.dependency:
        copy.dependency.append(_FILE)
    for message in copy.message_type:
        _rewrite(message, schema)
    return pack(copy)


def _rewrite(message: descriptor_pb2.DescriptorProto, schema: Schema) -> None:
    for nested in message.nested_type:
        _rewrite(nested, schema)
    if any(_value(message.options, name, schema) for name in DISABLED):
        return
    for field in message.field:
        rules = _value(field.options, RULES, schema)
        if rules is not None:
            _add(field.options, field_rules(rules))
    for oneof in message.oneof_decl:
        if _value(oneof.options, _REQUIRED, schema):
            _add(oneof.options, _kinds()["OneofRules"](required=True))


def _value(options: Message, name: str, schema: Schema) -> Any:
    extension = schema.extension(name)
    if extension is None or not options.ByteSize():
        return None
    decoded: Any = schema.decoded(options)
    fits = extension.containing_type is decoded.DESCRIPTOR
    return decoded.Extensions[extension] if fits and decoded.HasExtension(extension) else None


_NUMBER = 1159


def _add(options: Message, rules: Message) -> None:
    """Extension 1159 of every kind of options is `buf.validate`'s."""
    data = rules.SerializeToString()
    options.MergeFromString(_varint(_NUMBER << 3 | 2) + _varint(len(data)) + data)


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*found, number))


def field_rules(rules: Any) -> Message:
    """PGV's FieldRules as buf.validate's."""
    found: Any = _kinds()["FieldRules"]()
    _fill(found, rules)
    return found  # type: ignore[no-any-return]


def _fill(target: Any, rules: Any) -> None:
    for kind, typed in rules.ListFields():
        if kind.name == "message":
            _switches(target, typed)
        elif kind.name in target.DESCRIPTOR.fields_by_name:
            inner = getattr(target, kind.name)
            inner.SetInParent()
            _switches(target, typed)
            _copy(inner, typed)


def _switches(target: Any, typed: Any) -> None:
    for field, value in typed.ListFields():
        if field.name in _IGNORED and value:
            target.ignore = _IGNORED[field.name]
        elif field.name == "required" and value:
            target.required = True


def _copy(target: Any, source: Any) -> None:
    for field, value in source.ListFields():
        if field.name in _IGNORED or field.name not in target.DESCRIPTOR.fields_by_name:
            continue
        if field.name in ("items", "keys", "values"):
            inner = getattr(target, field.name)
            inner.SetInParent()
            _fill(inner, value)
        elif field.message_type is not None:
            for one in value if field.is_repeated else (value,):
                into = getattr(target, field.name)
                into = into.add() if field.is_repeated else into
                into.MergeFromString(one.SerializeToString())
                into.SetInParent()
        elif field.is_repeated:
            getattr(target, field.name).extend(value)
        else:
            setattr(target, field.name, value)
