"""What a history shows and no pair of its versions does: something dropped and used anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from wireproof.changes import kinds
from wireproof.changes.kinds import ReusedLater
from wireproof.schema.elements import EnumType, EnumValue, MessageType, Rpc, Service
from wireproof.schema.fields import Field
from wireproof.schema.index import Index


def reused_later(versions: Sequence[Index]) -> Iterator[tuple[int, ReusedLater]]:
    """Each reuse, with the position of the version that used it first."""
    last = versions[-1]
    for position in range(len(versions) - 2):
        between = versions[position + 1 : -1]
        for change in _since(versions[position], between, last):
            yield position, change


def _since(early: Index, between: Sequence[Index], last: Index) -> Iterator[ReusedLater]:
    own = early.schema.own
    for message in early.messages.values():
        now = last.message(message.full_name)
        if now is not None and message.file.name in own and not message.is_map_entry:
            yield from _fields(message, now, between)
    for enum in early.enums.values():
        found = last.enum(enum.full_name)
        if found is not None and enum.file.name in own:
            yield from _values(enum, found, between)
    for service in early.services.values():
        heir = last.services.get(service.full_name)
        if heir is not None and service.file.name in own:
            yield from _rpcs(service, heir, between)


def _gap(between: Sequence[Index], has: Callable[[Index], bool]) -> str | None:
    """The source of the first version in which it was gone."""
    return next((index.schema.source for index in between if not has(index)), None)


def _fields(was: MessageType, now: MessageType, between: Sequence[Index]) -> Iterator[ReusedLater]:
    for field in was.fields:
        heir = now.by_number.get(field.number)
        if heir is not None and _facts(field) != _facts(heir):
            gone = _gap(between, lambda i, f=field: _has_number(i, was.full_name, f.number))  # type: ignore[misc]
            if gone:
                both = f"{_told(field)} = {field.number}", f"{_told(heir)} = {heir.number}"
                yield kinds.FieldNumberReusedLater(field, heir, *both, gone)
        same = now.by_name.get(field.name)
        if same is not None and same.number != field.number:
            gone = _gap(between, lambda i, f=field: _has_name(i, was.full_name, f.name))  # type: ignore[misc]
            if gone:
                both = f"{_told(field)} = {field.number}", f"{_told(same)} = {same.number}"
                yield kinds.FieldNameReusedLater(field, same, *both, gone)


def _facts(field: Field) -> tuple[str, str]:
    return field.name, field.type_words


def _told(field: Field) -> str:
    return f"{field.type_words} {field.name}"


def _has_number(index: Index, message: str, number: int) -> bool:
    found = index.message(message)
    return found is not None and number in found.by_number


def _has_name(index: Index, message: str, name: str) -> bool:
    found = index.message(message)
    return found is not None and name in found.by_name


def _values(was: EnumType, now: EnumType, between: Sequence[Index]) -> Iterator[ReusedLater]:
    for value in was.values:
        heirs = now.numbers.get(value.number, ())
        if heirs and value.name not in {heir.name for heir in heirs}:
            gone = _gap(between, lambda i, v=value: _has_value(i, was.full_name, v.number))  # type: ignore[misc]
            if gone:
                yield kinds.EnumNumberReusedLater(value, heirs[0], *_both(value, heirs[0]), gone)
        same = now.by_name.get(value.name)
        if same is not None and same.number != value.number:
            gone = _gap(between, lambda i, v=value: _has_value_name(i, was.full_name, v.name))  # type: ignore[misc]
            if gone:
                yield kinds.EnumNameReusedLater(value, same, *_both(value, same), gone)


def _both(value: EnumValue, heir: EnumValue) -> tuple[str, str]:
    return f"{value.name} = {value.number}", f"{heir.name} = {heir.number}"


def _has_value(index: Index, enum: str, number: int) -> bool:
    found = index.enum(enum)
    return found is not None and number in found.numbers


def _has_value_name(index: Index, enum: str, name: str) -> bool:
    found = index.enum(enum)
    return found is not None and name in found.by_name


def _rpcs(was: Service, now: Service, between: Sequence[Index]) -> Iterator[ReusedLater]:
    for name, rpc in was.rpcs.items():
        heir = now.rpcs.get(name)
        if heir is not None and _signature(rpc) != _signature(heir):
            gone = _gap(between, lambda i, n=name: _has_rpc(i, was.full_name, n))  # type: ignore[misc]
            if gone:
                yield kinds.RpcReusedLater(rpc, heir, _signature(rpc), _signature(heir), gone)


def _signature(rpc: Rpc) -> str:
    return f"{rpc.style} {rpc.request} → {rpc.response}"


def _has_rpc(index: Index, service: str, name: str) -> bool:
    found = index.services.get(service)
    return found is not None and name in found.rpcs
