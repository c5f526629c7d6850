"""buf's plugin messages, built at run time from the rows below."""

from __future__ import annotations

from functools import cache
from typing import Any

from google.protobuf import any_pb2, descriptor_pb2, descriptor_pool, json_format, message_factory
from google.protobuf.message import DecodeError, Message

from wireproof.buf_plugin.rpc import PluginError

_FILES = "google.protobuf.FileDescriptorProto"
# Message → its fields, as a .proto declares them; `* ` is repeated, `| ` a member of a oneof.
_MESSAGES: dict[str, tuple[str, ...]] = {
    "pluginrpc.v1.Procedure": ("string path 1", "* string args 2"),
    "pluginrpc.v1.Spec": ("* pluginrpc.v1.Procedure procedures 1",),
    "pluginrpc.v1.Request": ("google.protobuf.Any value 1",),
    "pluginrpc.v1.Error": ("pluginrpc.v1.Code code 1", "string message 2"),
    "pluginrpc.v1.Response": ("google.protobuf.Any value 1", "pluginrpc.v1.Error error 2"),
    "buf.plugin.descriptor.v1.FileDescriptor": (
        f"{_FILES} file_descriptor_proto 1",
        "bool is_import 2",
        "bool is_syntax_unspecified 3",
        "* int32 unused_dependency 4",
    ),
    "buf.plugin.descriptor.v1.FileLocation": ("string file_name 1", "* int32 source_path 2"),
    "buf.plugin.option.v1.ListValue": ("* buf.plugin.option.v1.Value values 1",),
    "buf.plugin.option.v1.Value": (
        "| bool bool_value 1",
        "| int64 int64_value 2",
        "| double double_value 3",
        "| string string_value 4",
        "| bytes bytes_value 5",
        "| buf.plugin.option.v1.ListValue list_value 6",
    ),
    "buf.plugin.option.v1.Option": ("string key 1", "buf.plugin.option.v1.Value value 2"),
    "buf.plugin.check.v1.CheckRequest": (
        "* buf.plugin.descriptor.v1.FileDescriptor file_descriptors 1",
        "* buf.plugin.descriptor.v1.FileDescriptor against_file_descriptors 2",
        "* buf.plugin.option.v1.Option options 3",
        "* string rule_ids 4",
    ),
    "buf.plugin.check.v1.Annotation": (
        "string rule_id 1",
        "string message 2",
        "buf.plugin.descriptor.v1.FileLocation file_location 3",
        "buf.plugin.descriptor.v1.FileLocation against_file_location 4",
    ),
    "buf.plugin.check.v1.CheckResponse": ("* buf.plugin.check.v1.Annotation annotations 1",),
    "buf.plugin.check.v1.Rule": (
        "string id 1",
        "* string category_ids 2",
        "bool default 3",
        "string purpose 4",
        "buf.plugin.check.v1.RuleType type 5",
        "bool deprecated 6",
        "* string replacement_ids 7",
    ),
    "buf.plugin.check.v1.Category": (
        "string id 1",
        "string purpose 2",
        "bool deprecated 3",
        "* string replacement_ids 4",
    ),
    **{
        f"buf.plugin.check.v1.List{what}Request": ("uint32 page_size 1", "string page_token 2")
        for what in ("Rules", "Categories")
    },
    "buf.plugin.check.v1.ListRulesResponse": (
        "string next_page_token 1",
        "* buf.plugin.check.v1.Rule rules 2",
    ),
    "buf.plugin.check.v1.ListCategoriesResponse": (
        "string next_page_token 1",
        "* buf.plugin.check.v1.Category categories 2",
    ),
}
# Enum → its values, numbered from 0.
_ENUMS = {
    "buf.plugin.check.v1.RuleType": "RULE_TYPE_UNSPECIFIED RULE_TYPE_LINT RULE_TYPE_BREAKING",
    "pluginrpc.v1.Code": (
        "CODE_UNSPECIFIED CODE_CANCELED CODE_UNKNOWN CODE_INVALID_ARGUMENT CODE_DEADLINE_EXCEEDED "
        "CODE_NOT_FOUND CODE_ALREADY_EXISTS CODE_PERMISSION_DENIED CODE_RESOURCE_EXHAUSTED "
        "CODE_FAILED_PRECONDITION CODE_ABORTED CODE_OUT_OF_RANGE CODE_UNIMPLEMENTED CODE_INTERNAL "
        "CODE_UNAVAILABLE CODE_DATA_LOSS CODE_UNAUTHENTICATED"
    ),
}
_Field = descriptor_pb2.FieldDescriptorProto
_IMPORTS = ("google/protobuf/any.proto", "google/protobuf/descriptor.proto")


@cache
def _pool() -> descriptor_pool.DescriptorPool:
    pool = descriptor_pool.DescriptorPool()
    for known in (descriptor_pb2, any_pb2):
        pool.AddSerializedFile(known.DESCRIPTOR.serialized_pb)
    packages = dict.fromkeys(name.rpartition(".")[0] for name in (*_ENUMS, *_MESSAGES))
    # One file a package; check comes last, as it uses all others.
    for package in sorted(packages, key=lambda name: name.endswith("check.v1")):
        pool.Add(_file(package, [p for p in packages if p != package]))
    return pool


def _file(package: str, others: list[str]) -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(name=package, package=package, syntax="proto3")
    file.dependency.extend(_IMPORTS)
    file.dependency.extend(others if package.endswith("check.v1") else ())
    for name, values in _ENUMS.items():
        if name.rpartition(".")[0] == package:
            enum = file.enum_type.add(name=name.rpartition(".")[2])
            for at, value in enumerate(values.split()):
                enum.value.add(name=value, number=at)
    for name, fields in _MESSAGES.items():
        if name.rpartition(".")[0] == package:
            _declare(file.message_type.add(name=name.rpartition(".")[2]), fields)
    return file


def _declare(message: descriptor_pb2.DescriptorProto, fields: tuple[str, ...]) -> None:
    for declared in fields:
        *mark, kind, name, number = declared.split()
        field = message.field.add(name=name, number=int(number), label=_Field.LABEL_OPTIONAL)
        if mark == ["*"]:
            field.label = _Field.LABEL_REPEATED
        elif mark == ["|"]:
            field.oneof_index = 0
        if "." not in kind:
            field.type = _Field.Type.Value(f"TYPE_{kind.upper()}")
            continue
        field.type = _Field.TYPE_ENUM if kind in _ENUMS else _Field.TYPE_MESSAGE
        field.type_name = f".{kind}"
    if any(declared.startswith("|") for declared in fields):
        message.oneof_decl.add(name="type")


def message(kind: str, data: bytes = b"") -> Any:
    """A message of the type *kind*; raises PluginError where *data* is none."""
    try:
        return _class(kind).FromString(data)
    except (DecodeError, ValueError) as error:
        raise PluginError(f"the bytes are no {kind}") from error


def _class(kind: str) -> type[Message]:
    return message_factory.GetMessageClass(_pool().FindMessageTypeByName(kind))


def from_json(kind: str, text: bytes) -> bytes:
    """The bytes of a message that is given in JSON; empty text is an empty message."""
    read = _class(kind)()
    try:
        if text.strip():
            json_format.Parse(text, read, descriptor_pool=_pool())
    except (json_format.ParseError, ValueError, TypeError, KeyError) as error:
        raise PluginError(f"standard input is no {kind} in JSON: {error}") from error
    return read.SerializeToString(deterministic=True)


def to_json(kind: str, data: bytes) -> bytes:
    """A message in JSON."""
    told = json_format.MessageToJson(message(kind, data), descriptor_pool=_pool(), indent=None)
    return told.encode()
