"""Values worth trying, smallest and most telling first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from wireproof.schema.linked import class_of

_F = FieldDescriptor
_INT32 = (1, -1, 2, 2**31 - 1, -(2**31))
_UINT32 = (1, 2, 2**31, 2**32 - 1)
# 2 to the power of 32 first among the large: a 32-bit reader sees nothing of it.
_INT64 = (1, -1, 2, 2**32, 2**31, 2**53 + 1, 2**63 - 1, -(2**63))
_UINT64 = (1, 2, 2**32, 2**31, 2**53 + 1, 2**63, 2**64 - 1)
_FLOATS = (1.0, 1.5, -1.0, 16777216.0)
_DOUBLES = (1.0, 1.5, -1.0, 0.1, 1e300)
_STRINGS = ("a", "A b", "é", "1")
_BYTES = (b"a", b"\xff", b"\x08\x01", b"\xfb\xff")
SCALARS: dict[int, tuple[Any, ...]] = {
    _F.TYPE_BOOL: (True,),
    **dict.fromkeys((_F.TYPE_INT32, _F.TYPE_SINT32, _F.TYPE_SFIXED32), _INT32),
    **dict.fromkeys((_F.TYPE_UINT32, _F.TYPE_FIXED32), _UINT32),
    **dict.fromkeys((_F.TYPE_INT64, _F.TYPE_SINT64, _F.TYPE_SFIXED64), _INT64),
    **dict.fromkeys((_F.TYPE_UINT64, _F.TYPE_FIXED64), _UINT64),
    _F.TYPE_FLOAT: _FLOATS,
    _F.TYPE_DOUBLE: _DOUBLES,
    _F.TYPE_STRING: _STRINGS,
    _F.TYPE_BYTES: _BYTES,
}
_DEPTH = 3


def messages_with(kind: type[Message], field: FieldDescriptor) -> Iterator[Message]:
    """Messages of *kind* that carry *field* and nothing else but what is required."""
    for value in held(field):
        message = kind()
        put(message, field, value)
        fill_required(message)
        yield message


def held(field: FieldDescriptor, depth: int = _DEPTH) -> Iterator[Any]:
    """Values that *field* can hold; lists and maps of one and of two for what is repeated."""
    if not field.is_repeated:
        yield from singles(field, depth)
    elif is_map(field):
        yield from _maps(field, depth)
    else:
        yield from _lists(field, depth)


def singles(field: FieldDescriptor, depth: int = _DEPTH) -> Iterator[Any]:
    """Values of one element of *field*."""
    if field.message_type is not None:
        yield from _submessages(field.message_type, depth)
    elif field.enum_type is not None:
        numbers = dict.fromkeys(value.number for value in field.enum_type.values)
        yield from sorted(numbers, key=lambda n: (n == 0, n < 0, n))
    else:
        yield from SCALARS[field.type]
        if field.has_presence:  # a zero that is set is told from an unset one
            yield type(field.default_value)()


def put(message: Message, field: FieldDescriptor, value: Any) -> None:
    """Set *field* of *message*, whatever it holds, and mark messages as present."""
    if field.is_repeated:
        _put_many(message, field, value)
    elif field.message_type is not None:
        target = of(message, field)
        target.SetInParent()
        target.MergeFrom(value)
    elif field.is_extension:
        message.Extensions[field] = value  # type: ignore[index]  # the stubs know generated ones
    else:
        setattr(message, field.name, value)


def of(message: Message, field: FieldDescriptor) -> Any:
    """What *message* holds in *field*."""
    if field.is_extension:
        return message.Extensions[field]  # type: ignore[index]  # the stubs know generated ones
    return getattr(message, field.name)


def fill_required(message: Message, depth: int = _DEPTH) -> None:
    """Give every unset required field its least telling value."""
    for field in message.DESCRIPTOR.fields:
        if field.is_required and not message.HasField(field.name):
            if field.message_type is None:
                setattr(message, field.name, field.default_value)
            elif depth:
                getattr(message, field.name).SetInParent()
    for field, value in message.ListFields():
        if field.message_type is not None and depth:
            _fill_below(field, value, depth - 1)


def _fill_below(field: FieldDescriptor, value: Any, depth: int) -> None:
    if not field.is_repeated:
        fill_required(value, depth)
    elif not is_map(field):
        for one in value:
            fill_required(one, depth)
    elif entry(field)[1].message_type is not None:
        for one in value.values():
            fill_required(one, depth)


def _lists(field: FieldDescriptor, depth: int) -> Iterator[list[Any]]:
    some = list(singles(field, depth))
    yield from ([one] for one in some)
    if len(some) > 1:
        yield some[:2]
    yield from ([one, one] for one in some[:1])


def _maps(field: FieldDescriptor, depth: int) -> Iterator[dict[Any, Any]]:
    key, value = entry(field)
    keys, values = list(singles(key, depth)), list(singles(value, depth))
    yield from ({keys[0]: one} for one in values)
    yield from ({one: values[0]} for one in keys)
    yield dict.fromkeys(keys[:2], values[0])


def _submessages(kind: Descriptor, depth: int) -> Iterator[Message]:
    cls = class_of(kind)
    yield cls()
    if depth:
        extensions: Any = kind.file.pool.FindAllExtensions(kind) if kind.is_extendable else ()
        for field in (*kind.fields, *extensions):
            for value in held(field, depth - 1):
                message = cls()
                put(message, field, value)
                yield message


def _put_many(message: Message, field: FieldDescriptor, values: Any) -> None:
    target = of(message, field)
    if not is_map(field):
        if field.message_type is None:
            target.extend(values)
        else:
            for one in values:
                target.add().MergeFrom(one)
        return
    for key, value in values.items():
        if entry(field)[1].message_type is None:
            target[key] = value
        else:
            target[key].MergeFrom(value)


def entry(field: FieldDescriptor) -> tuple[FieldDescriptor, FieldDescriptor]:
    """The key and the value of a map field."""
    kind: Any = field.message_type
    return kind.fields_by_name["key"], kind.fields_by_name["value"]


def is_map(field: FieldDescriptor) -> bool:
    kind = field.message_type
    return bool(field.is_repeated and kind is not None and kind.GetOptions().map_entry)


def each(values: Iterable[Any], limit: int) -> Iterator[Any]:
    """The first *limit* of *values*."""
    for count, value in enumerate(values):
        if count >= limit:
            return
        yield value
