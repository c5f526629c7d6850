"""Options of any element, compared: protobuf's own by name, others by their extension."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.unknown_fields import UnknownFieldSet

from wireproof.changes import kinds
from wireproof.changes.change import Change
from wireproof.changes.http import bindings
from wireproof.changes.option_words import apart, shortened, worded
from wireproof.changes.versions import Versions
from wireproof.schema.elements import Element, Rpc
from wireproof.schema.fields import Field
from wireproof.schema.languages import unknown

VALIDATION = frozenset({1159, 1071, 1072})
"""Extension numbers of `buf.validate` and of PGV's `validate.rules`, on every kind of element, and
of PGV's `validate.ignored`."""
HTTP = 72295728
"""Extension number of `google.api.http`."""

# What other changes tell already.
_TOLD = frozenset({"features", "uninterpreted_option", "packed", "idempotency_level", "ctype"})


def option_changes(old: Element, new: Element, versions: Versions) -> Iterator[Change]:
    """Each option that differs, as a change of its own."""
    before, after = old.proto.options, new.proto.options
    if before == after:
        return
    was, now = _bare(before), _bare(after)
    yield from _own(old, new, was, now)
    yield from _language_features(old, new, was, now)
    old_custom, new_custom = _custom(was), _custom(now)
    for number in sorted(old_custom.keys() | new_custom.keys()):
        if old_custom.get(number) != new_custom.get(number):
            yield _custom_change(old, new, number, versions)


def asked_otherwise(
    old: Field, new: Field, versions: Versions
) -> Iterator[kinds.ValidationChanged]:
    """Validation rules that stayed, of a field that is told from an unset one in one version only.

    protovalidate passes over what is unset, and asks a field without presence in any case.
    """
    both = old.cardinality, new.cardinality
    if "implicit" not in both or both[0] == both[1] or old.repeated or new.repeated:
        return
    was, now = (_custom(_bare(one.proto.options)) for one in (old, new))
    pools = versions.old_pool, versions.new_pool
    for number in sorted(VALIDATION & was.keys()):
        if was[number] == now.get(number):
            sides = zip((old, new), pools, strict=True)
            yield kinds.ValidationChanged(old, new, *(_asked(*one, number) for one in sides))


def _asked(field: Field, pool: descriptor_pool.DescriptorPool, number: int) -> str:
    presence = "without presence" if field.cardinality == "implicit" else "with presence"
    return f"{apart(None, option(field, number, pool), (pool, pool))[1]}, {presence}"


def _own(old: Element, new: Element, was: Any, now: Any) -> Iterator[Change]:
    fields = {f.name: f for message in (was, now) for f, _ in message.ListFields()}
    for name in fields.keys() - _TOLD:
        before, after = _value(was, name), _value(now, name)
        if before != after:
            yield kinds.OptionChanged(old, new, before, after, name)


def _language_features(old: Element, new: Element, was: Any, now: Any) -> Iterator[Change]:
    """Features of languages whose meaning nobody knows here; the others are resolved."""
    before, after = (unknown(one.features.SerializeToString()) for one in (was, now))
    if before != after:
        yield kinds.OptionChanged(old, new, _features(before), _features(after), "features")


def _features(said: dict[tuple[int, int], Any]) -> str:
    parts = (f"{language}.{number} = {value}" for (language, number), value in said.items())
    return ", ".join(parts) or "none"


def _value(options: Any, name: str) -> str:
    field = options.DESCRIPTOR.fields_by_name[name]
    value = getattr(options, name)
    if field.is_repeated:
        return ", ".join(str(one).strip() for one in value) or "none"
    if field.enum_type:
        return str(field.enum_type.values_by_number[value].name)
    if isinstance(value, str) and not value and options.HasField(name):
        return '""'  # said to be nothing, which is not always the default
    return str(value).lower() if isinstance(value, bool) else str(value).strip() or "none"


def _custom_change(old: Element, new: Element, number: int, versions: Versions) -> Change:
    pools = versions.old_pool, versions.new_pool
    if number in VALIDATION:
        was, now = option(old, number, pools[0]), option(new, number, pools[1])
        name = _name(old, number, pools[0]) or _name(new, number, pools[1]) or "rules"
        return kinds.ValidationChanged(old, new, *apart(was, now, pools, name))
    if number == HTTP and isinstance(old, Rpc) and isinstance(new, Rpc):
        rules = option(old, number, pools[0]), option(new, number, pools[1])
        return kinds.HttpChanged(old, new, bindings(rules[0]), bindings(rules[1]))
    name = _name(old, number, pools[0]) or _name(new, number, pools[1]) or f"({number})"
    words = shortened(told(old, number, pools[0]), told(new, number, pools[1]))
    return kinds.CustomOptionChanged(old, new, *words, name, number)


def option(element: Element, number: int, pool: descriptor_pool.DescriptorPool) -> Any:
    """The value of the extension *number* in the element's options; None where it is not set."""
    return _found(element, number, pool)[1]


def option_names(element: Element, pool: descriptor_pool.DescriptorPool) -> set[str]:
    """The names of the options that are set: `deprecated`, `my.option`."""
    decoded = _decoded(element.proto.options, pool)
    return {f.full_name if f.is_extension else f.name for f, _ in decoded.ListFields()}


def told(element: Element, number: int, pool: descriptor_pool.DescriptorPool) -> str:
    """The same in words, `none` where it is not set."""
    field, value = _found(element, number, pool)
    if field is None:
        raw = _custom(_bare(element.proto.options)).get(number)
        return "none" if raw is None else f"{len(raw)} undecodable values"
    return worded(value, field, pool)


def _found(
    element: Element, number: int, pool: descriptor_pool.DescriptorPool
) -> tuple[FieldDescriptor | None, Any]:
    for field, value in _decoded(element.proto.options, pool).ListFields():
        if field.number == number:
            return field, value
    return None, None


def _name(element: Element, number: int, pool: descriptor_pool.DescriptorPool) -> str | None:
    kind = element.proto.options.DESCRIPTOR.full_name
    try:
        extension = pool.FindExtensionByNumber(pool.FindMessageTypeByName(kind), number)
    except KeyError:
        return None
    return str(extension.full_name)


def _decoded(options: Message, pool: descriptor_pool.DescriptorPool) -> Any:
    """*options* read with the extensions that the pool knows."""
    try:
        known = pool.FindMessageTypeByName(options.DESCRIPTOR.full_name)
    except KeyError:
        return _bare(options)
    return message_factory.GetMessageClass(known).FromString(options.SerializeToString())


def _custom(options: Message) -> dict[int, list[Any]]:
    """The extensions of *options*, undecoded: number → its values in order."""
    found: dict[int, list[Any]] = {}
    for field in UnknownFieldSet(options):  # type: ignore[attr-defined]  # the stubs forget it
        found.setdefault(field.field_number, []).append((field.wire_type, _raw(field.data)))
    return found


def _raw(data: Any) -> Any:
    if isinstance(data, UnknownFieldSet):
        return [(f.field_number, f.wire_type, _raw(f.data)) for f in data]  # type: ignore[attr-defined]
    return data


def _bare(options: Message) -> Any:
    """*options* in a class of their own in which no extension is known, whatever is imported."""
    kinds_ = _bare_kinds()
    return kinds_[options.DESCRIPTOR.name].FromString(options.SerializeToString())


@cache
def _bare_kinds() -> dict[str, type[Message]]:
    pool = descriptor_pool.DescriptorPool()
    file = pool.AddSerializedFile(descriptor_pb2.DESCRIPTOR.serialized_pb)
    return {
        name: message_factory.GetMessageClass(message)
        for name, message in file.message_types_by_name.items()
    }
