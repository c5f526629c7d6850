"""What a history shows and no pair of its versions does.

Something was dropped and used anew, or a default drifted and came back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from wireproof.changes import kinds
from wireproof.changes.change import Stated
from wireproof.changes.compare_enums import first_changes
from wireproof.changes.defaults import default_changes
from wireproof.changes.kinds import ReusedLater
from wireproof.schema.elements import EnumType, EnumValue, File, MessageType, Rpc, Service
from wireproof.schema.fields import Field
from wireproof.schema.index import Index

Has = Callable[[Index], bool]


def history_changes(versions: Sequence[Index]) -> Iterator[tuple[int, Stated[Any]]]:
    """Each change, with the position of the version whose promise it may break."""
    last = versions[-1]
    for position, early in enumerate(versions[:-2]):
        between = versions[position + 1 : -1]
        yield from ((position, change) for change in _reused(early, between, last))
    for position in range(1, len(versions) - 1):
        before = versions[:position]
        yield from ((position, c) for c in _returned(before, versions[position], last))


def _differing(early: Index, last: Index) -> Iterator[File]:
    """The files of *early* that are not byte for byte the same in *last*: most are."""
    here = {packed.name: packed.data for packed in last.schema.packed}
    for packed in early.schema.packed:
        if packed.name in early.schema.own and packed.data != here.get(packed.name):
            yield early.file(packed.name)


def _reused(early: Index, between: Sequence[Index], last: Index) -> Iterator[ReusedLater]:
    for file in _differing(early, last):
        for message in file.all_messages():
            if (now := last.message(message.full_name)) is not None:
                yield from _numbers(message, now, between)
                yield from _names(message, now, between)
        for enum in file.all_enums():
            if (found := last.enum(enum.full_name)) is not None:
                yield from _values(enum, found, between)
        for service in file.services:
            if (heir := last.services.get(service.full_name)) is not None:
                yield from _service(service, heir, between)
        for extension in file.extensions:
            yield from _extension(extension, between, last)


def _gap(between: Sequence[Index], has: Has) -> str | None:
    """The source of the first version in which it was gone."""
    return next((index.schema.source for index in between if not has(index)), None)


def _numbers(was: MessageType, now: MessageType, between: Sequence[Index]) -> Iterator[ReusedLater]:
    for field in was.fields:
        heir = now.by_number.get(field.number)
        if heir is not None and _facts(field) != _facts(heir):
            has = partial(_has_number, message=was.full_name, number=field.number)
            if gone := _gap(between, has):
                yield kinds.FieldNumberReusedLater(field, heir, _told(field), _told(heir), gone)


def _names(was: MessageType, now: MessageType, between: Sequence[Index]) -> Iterator[ReusedLater]:
    for field in was.fields:
        heir = now.by_name.get(field.name)
        if heir is not None and heir.number != field.number:
            has = partial(_has_name, message=was.full_name, name=field.name)
            if gone := _gap(between, has):
                yield kinds.FieldNameReusedLater(field, heir, _told(field), _told(heir), gone)


def _facts(field: Field) -> tuple[str, str, bool]:
    return field.name, field.type_words, field.repeated


def _told(field: Field) -> str:
    repeated = "repeated " if field.cardinality == "repeated" else ""
    return f"{repeated}{field.type_words} {field.name} = {field.number}"


def _has_number(index: Index, *, message: str, number: int) -> bool:
    found = index.message(message)
    return found is not None and number in found.by_number


def _has_name(index: Index, *, message: str, name: str) -> bool:
    found = index.message(message)
    return found is not None and name in found.by_name


def _extension(was: Field, between: Sequence[Index], last: Index) -> Iterator[ReusedLater]:
    heir = _extended(last, was)
    if heir is None or (heir.full_name, _facts(heir)) == (was.full_name, _facts(was)):
        return
    if gone := _gap(between, lambda index: _extended(index, was) is not None):
        yield kinds.FieldNumberReusedLater(was, heir, _told(was), _told(heir), gone)


def _extended(index: Index, wanted: Field) -> Field | None:
    """The extension that has the number of *wanted* in the same message."""
    fields = (x for file in index.files() for x in file.extensions)
    same = (x for x in fields if (x.holder, x.number) == (wanted.holder, wanted.number))
    return next(same, None)


def _values(was: EnumType, now: EnumType, between: Sequence[Index]) -> Iterator[ReusedLater]:
    for value in was.values:
        heir, same = _heir(value, now), now.by_name.get(value.name)
        has_number = partial(_has_value, enum=was.full_name, number=value.number)
        if heir is not None and (gone := _gap(between, has_number)):
            yield kinds.EnumNumberReusedLater(value, heir, *_both(value, heir), gone)
        if same is None or same.number == value.number:
            continue
        if gone := _gap(between, partial(_has_value, enum=was.full_name, name=value.name)):
            yield kinds.EnumNameReusedLater(value, same, *_both(value, same), gone)


def _heir(value: EnumValue, now: EnumType) -> EnumValue | None:
    """The value that has the number under none of the names that it had."""
    heirs = now.numbers.get(value.number, ())
    alike = {v.name for v in value.enum.numbers[value.number]} & {heir.name for heir in heirs}
    return heirs[0] if heirs and not alike else None


def _both(value: EnumValue, heir: EnumValue) -> tuple[str, str]:
    return f"{value.name} = {value.number}", f"{heir.name} = {heir.number}"


def _has_value(index: Index, *, enum: str, number: int | None = None, name: str = "") -> bool:
    found = index.enum(enum)
    return found is not None and (number in found.numbers or name in found.by_name)


def _service(was: Service, now: Service, between: Sequence[Index]) -> Iterator[ReusedLater]:
    missing = [name for name in was.rpcs if name not in now.rpcs]
    if missing and (gone := _gap(between, lambda index: was.full_name in index.services)):
        promised, found = f"service with {', '.join(missing)}", f"service with {_rpc_names(now)}"
        yield kinds.ServiceReusedLater(was, now, promised, found, gone)
    for name, rpc in was.rpcs.items():
        heir = now.rpcs.get(name)
        if heir is None or _signature(rpc) == _signature(heir):
            continue
        if gone := _gap(between, partial(_has_rpc, service=was.full_name, rpc=name)):
            yield kinds.RpcReusedLater(rpc, heir, _signature(rpc), _signature(heir), gone)


def _rpc_names(service: Service) -> str:
    return ", ".join(service.rpcs) or "no RPC"


def _signature(rpc: Rpc) -> str:
    return f"{rpc.style} {rpc.request} → {rpc.response}"


def _has_rpc(index: Index, *, service: str, rpc: str) -> bool:
    found = index.services.get(service)
    return found is not None and rpc in found.rpcs


def _returned(before: Sequence[Index], drifted: Index, last: Index) -> Iterator[Stated[Any]]:
    """Defaults of *drifted* that are not those of *last*, though some version before had those."""
    for file in _differing(drifted, last):
        for message in file.all_messages():
            if (now := last.message(message.full_name)) is not None:
                yield from _defaults(message, now, before)
        for enum in file.all_enums():
            if (heir := last.enum(enum.full_name)) is not None:
                yield from _first(enum, heir, before)


def _defaults(was: MessageType, now: MessageType, before: Sequence[Index]) -> Iterator[Stated[Any]]:
    for field in was.fields:
        heir = now.by_number.get(field.number)
        for change in default_changes(field, heir) if heir and heir.name == field.name else ():
            for index in reversed(before):
                early = _field(index, was.full_name, field)
                if early is not None and not any(default_changes(early, change.new)):
                    both = change.promised, change.found
                    source = index.schema.source
                    yield kinds.FieldDefaultReturned(field, change.new, *both, source)
                    break


def _field(index: Index, message: str, wanted: Field) -> Field | None:
    """The same field (name, number, type) in another version."""
    holder = index.message(message)
    found = holder.by_number.get(wanted.number) if holder else None
    return found if found and _facts(found) == _facts(wanted) else None


def _first(was: EnumType, now: EnumType, before: Sequence[Index]) -> Iterator[Stated[Any]]:
    for change in first_changes(was, now):
        for index in reversed(before):
            early = index.enum(was.full_name)
            if early is not None and early.values and not any(first_changes(early, now)):
                both = change.promised, change.found
                yield kinds.EnumDefaultReturned(was, now, *both, index.schema.source)
                break
