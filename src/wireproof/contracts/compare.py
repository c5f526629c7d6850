"""Does a provider of another version understand what its consumer sends?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError, Message

from wireproof.contracts.kinds import Kind
from wireproof.contracts.protojson import is_map, type_name
from wireproof.exchange.exchange import Method
from wireproof.finding import Breach


def method_breaches(consumer: Method, provider: Method | None) -> Iterator[tuple[Kind, Breach]]:
    """What the provider has in the place of the method that the consumer knows."""
    name = consumer.full_name
    if provider is None:
        yield Kind.CONTRACT_METHOD_GONE, Breach(name, "a method", "no such method")
    elif provider.style is not consumer.style:
        breach = Breach(name, str(consumer.style), str(provider.style))
        yield Kind.CONTRACT_STYLE_DIFFERS, breach


def request_breaches(sent: Message, provider: Method) -> Iterator[tuple[Kind, Breach]]:
    """What *sent*, a request in the consumer's version, loses when the provider decodes it."""
    try:
        read = provider.request.FromString(sent.SerializeToString())
    except DecodeError:
        subject = sent.DESCRIPTOR.full_name
        breach = Breach(subject, "it was", "a type that cannot decode it")
        yield Kind.CONTRACT_FIELD_TYPE_DIFFERS, breach
        return
    yield from _lost(sent, read)


def _lost(sent: Message, read: Message) -> Iterator[tuple[Kind, Breach]]:
    fields: list[tuple[Any, Any]] = sent.ListFields()  # type: ignore[assignment]  # two names, one type
    for field, value in fields:
        if field.is_extension:
            continue
        other: Any = read.DESCRIPTOR.fields_by_number.get(field.number)
        if other is None:
            breach = Breach(field.full_name, "a field", f"no field of number {field.number}")
            yield Kind.CONTRACT_FIELD_GONE, breach
        else:
            yield from _changed(field, value, other, getattr(read, other.name))


def _changed(
    field: FieldDescriptor, value: Any, other: FieldDescriptor, read: Any
) -> Iterator[tuple[Kind, Breach]]:
    if (field.message_type is None) != (other.message_type is None):
        yield _differs(field, other)
    elif field.message_type is None:
        if _plain(value) != _plain(read):
            yield _differs(field, other)
    elif field.is_repeated != other.is_repeated:
        yield _differs(field, other)
    elif not field.is_repeated:
        yield from _lost(value, read)
    elif not is_map(field):
        for one, another in zip(value, read, strict=False):
            yield from _lost(one, another)
    elif dict(value).keys() != (dict(read).keys() if hasattr(read, "keys") else None):
        yield _differs(field, other)


def _plain(value: Any) -> Any:
    """Text and bytes are the same on the wire, and so are one value and a list of it."""
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, bytes | int | float):
        return value
    items = [_plain(item) for item in value]
    return items[0] if len(items) == 1 else items


def _differs(field: FieldDescriptor, other: FieldDescriptor) -> tuple[Kind, Breach]:
    breach = Breach(field.full_name, type_name(field), type_name(other))
    return Kind.CONTRACT_FIELD_TYPE_DIFFERS, breach
