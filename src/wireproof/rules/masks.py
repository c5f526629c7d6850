"""Which messages field masks speak of: a mask names fields as the source does, on the wire too."""

from __future__ import annotations

from collections.abc import Iterator

from wireproof.schema.elements import File, MessageType
from wireproof.schema.index import Index

MASK = "google.protobuf.FieldMask"
_OWN = "google.protobuf."


def masked(index: Index) -> frozenset[str]:
    """The messages whose fields a mask may name: what stands beside it, with all inside.

    Beside a mask alone with scalars stands nothing: it speaks of the reply (AIP-157).
    """
    found: set[str] = set()
    waiting = [name for name in _roots(index) if not name.startswith(_OWN)]
    while waiting:
        name = waiting.pop()
        message = index.message(name) if name not in found else None
        found.add(name)
        if message is not None:
            waiting += [one for one in _held(message) if not one.startswith(_OWN)]
    return frozenset(found)


def _roots(index: Index) -> Iterator[str]:
    bare: set[str] = set()
    for message in (one for file in _naming({MASK}, index) for one in file.all_messages()):
        if any(field.type_name == MASK for field in message.fields):
            beside = [one for one in _held(message) if one != MASK]
            yield from beside
            bare |= set() if beside else {message.full_name}
    for service in (one for file in _naming(bare, index) for one in file.services):
        yield from (rpc.response for rpc in service.rpcs.values() if rpc.request in bare)


def _naming(types: set[str], index: Index) -> Iterator[File]:
    """The files in which one of *types* is spelled out; the others stay unread."""
    spelled = [f".{name}".encode() for name in types]
    for packed in index.schema.packed:
        if packed.name in index.schema.own and any(one in packed.data for one in spelled):
            yield index.file(packed.name)


def _held(message: MessageType) -> list[str]:
    return [field.type_name for field in message.fields if field.kind in ("message", "group")]
