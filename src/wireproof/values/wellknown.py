"""Domains of the well-known messages that mean more than their fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from wireproof.schema.constraints import FieldConstraints
from wireproof.schema.schema import Schema
from wireproof.values.descriptors import class_of, message_of
from wireproof.values.domain import Domain, Pool
from wireproof.values.numbers import DURATIONS, TIMES, Moment

_G = "google.protobuf."
TYPE_PREFIX = "type.googleapis.com/"
_UNLISTED = TYPE_PREFIX + "wireproof.Unlisted"
WRAPPERS = frozenset(
    _G + name + "Value"
    for name in ("Double", "Float", "Int64", "UInt64", "Int32", "UInt32", "Bool", "String", "Bytes")
)
LEAVES = frozenset(
    _G + name
    for name in ("Timestamp", "Duration", "Any", "FieldMask", "Value", "Struct", "ListValue")
)


def leaf(schema: Schema, field: FieldDescriptor, rules: FieldConstraints) -> Domain:
    """The domain of a field whose type is one of LEAVES."""
    message = message_of(field)
    kind = class_of(message)
    name = message.full_name.removeprefix(_G)
    if name in ("Timestamp", "Duration"):
        return Moment(rules, TIMES if name == "Timestamp" else DURATIONS, kind)
    if name == "Any":
        return _any(schema, kind, rules)
    return _mask(field, kind, rules) if name == "FieldMask" else _json(name, kind)


def _any(schema: Schema, kind: Any, rules: FieldConstraints) -> Domain:
    urls = rules.rule("in", ())
    packed = [kind(type_url=url) for url in urls]
    if not urls:
        packed = [_packed(kind, schema, name) for name in _packable(schema)] + [kind()]
    refused = [kind(type_url=url) for url in (*rules.rule("not_in", ()), _UNLISTED)]
    return Pool(tuple(packed), tuple(refused))


def _packable(schema: Schema) -> Iterator[str]:
    """A message or two that a reader of this schema knows, the simplest first."""
    known = (_G + name for name in ("Empty", "Timestamp", "Duration"))
    files = {file.name for file in schema.files}
    yield from (n for n in known if f"{n.replace('.', '/').lower()}.proto" in files)
    for file in schema.own_files():
        for message in file.message_type[:1]:
            yield f"{file.package}.{message.name}".lstrip(".")
            return


def _packed(kind: Any, schema: Schema, name: str) -> Message:
    # The bytes of a default message are empty, whatever its type.
    return kind(type_url=TYPE_PREFIX + schema.message(name).full_name)  # type: ignore[no-any-return]


def _mask(field: FieldDescriptor, kind: Any, rules: FieldConstraints) -> Domain:
    const = rules.rule("const")
    listed = tuple(const.paths) if const is not None else rules.rule("in", ())
    paths = listed or tuple(_sibling_paths(field))
    forbidden = rules.rule("not_in", ())
    paths = tuple(p for p in paths if not _covered(p, forbidden))
    masks = [kind(paths=paths)] if const is not None else []
    masks += [kind(paths=[path]) for path in paths] + [kind(), kind(paths=paths)]
    refused = [kind(paths=[path]) for path in (*forbidden, "wireproof_unlisted")]
    refused += [kind(paths=[*paths, *forbidden, "wireproof_unlisted"]), kind()]
    distinct = {mask.SerializeToString(): mask for mask in masks}
    names = tuple(f"paths {','.join(mask.paths)}"[:60] for mask in distinct.values())
    return Pool(tuple(distinct.values()), tuple(refused), names)


def _covered(path: str, listed: Iterable[str]) -> bool:
    return any(path == one or path.startswith(f"{one}.") for one in listed)


def _sibling_paths(field: FieldDescriptor) -> Iterator[str]:
    """The fields of the message next to the mask: a real mask selects among them."""
    for sibling in field.containing_type.fields if field.containing_type else ():
        message = sibling.message_type
        if message is None or sibling.is_repeated or message.full_name.startswith(_G):
            continue
        yield from (one.name for one in message.fields)
        yield from _nested_paths(message)
        return


def _nested_paths(message: Descriptor) -> Iterator[str]:
    for one in message.fields:
        inner = one.message_type
        if inner is not None and not one.is_repeated and not inner.full_name.startswith(_G):
            yield from (f"{one.name}.{leaf.name}" for leaf in inner.fields)


def _json(name: str, kind: Any) -> Domain:
    examples = {"Value": _VALUES, "Struct": _STRUCTS, "ListValue": _LISTS}[name]
    messages = []
    for _, fill in examples:
        message = kind()
        _fill(message, fill)
        messages.append(message)
    return Pool(tuple(messages), names=tuple(word for word, _ in examples))


_VALUES: tuple[tuple[str, Any], ...] = (
    ("null", None),
    ("zero", 0.0),
    ("a fraction", -1.5),
    ("an empty string", ""),
    ("text", "é漢😀"),
    ("false", False),
    ("true", True),
    ("an empty list", []),
    ("an empty object", {}),
    ("nested", {"a": [1.0, {"b": None}]}),
)
_STRUCTS: tuple[tuple[str, Any], ...] = (
    ("no fields", {}),
    ("one null", {"a": None}),
    ("every kind", {"n": 1.0, "s": "a", "b": True, "l": [None], "o": {"": {}}}),
)
_LISTS: tuple[tuple[str, Any], ...] = (
    ("no items", []),
    ("one null", [None]),
    ("every kind", [1.0, "a", True, [], {"a": []}]),
)


def _fill(message: Any, value: Any) -> None:
    """Set a Value, Struct or ListValue of any pool to *value*."""
    if message.DESCRIPTOR.name == "Struct":
        for key, one in value.items():
            _fill(message.fields[key], one)
    elif message.DESCRIPTOR.name == "ListValue":
        for one in value:
            _fill(message.values.add(), one)
    elif isinstance(value, dict | list):
        part = message.struct_value if isinstance(value, dict) else message.list_value
        part.SetInParent()
        _fill(part, value)
    else:
        setattr(message, _VALUE_FIELDS[type(value)], 0 if value is None else value)


_VALUE_FIELDS = {
    type(None): "null_value",
    float: "number_value",
    str: "string_value",
    bool: "bool_value",
}
