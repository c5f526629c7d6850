"""Which way a message travels: to the server, to the client, or into storage."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from google.protobuf import descriptor_pb2

from wireproof.schema.schema import Schema


@dataclass(frozen=True, slots=True)
class Role:
    """What may happen to the data of one message or enum."""

    request: bool
    response: bool
    stored: bool

    @property
    def words(self) -> str:
        names = (("request", self.request), ("response", self.response), ("stored", self.stored))
        return ", ".join(name for name, holds in names if holds)


ANYWHERE = Role(request=True, response=True, stored=True)


class Roles:
    """The role of each type, by reachability over the RPCs of both versions.

    What no RPC reaches (events, Any, status details, shared modules) may travel both ways and be
    stored.
    """

    def __init__(self, versions: Iterable[Schema]) -> None:
        self._request: set[str] = set()
        self._response: set[str] = set()
        known: dict[bytes, _Uses] = {}
        for schema in versions:
            graph: dict[str, tuple[str, ...]] = {}
            requests: list[str] = []
            responses: list[str] = []
            for packed in schema.packed:
                uses = known.get(packed.data)
                if uses is None:
                    uses = known[packed.data] = _uses(schema.bare(packed.name))
                graph.update(uses.types)
                requests += uses.requests
                responses += uses.responses
            self._request |= _reached(requests, graph)
            self._response |= _reached(responses, graph)

    def of(self, full_name: str) -> Role:
        """The role of the message or enum *full_name*."""
        name = f".{full_name}"
        request, response = name in self._request, name in self._response
        return Role(request, response, stored=False) if request or response else ANYWHERE


@dataclass(frozen=True, slots=True)
class _Uses:
    """What the types of one file refer to, and what its RPCs carry; names begin with a dot.

    Read from the descriptors without views: large schemas have more fields than changes.
    """

    types: dict[str, tuple[str, ...]]
    requests: tuple[str, ...]
    responses: tuple[str, ...]


def _uses(file: descriptor_pb2.FileDescriptorProto) -> _Uses:
    types: dict[str, tuple[str, ...]] = {}
    prefix = f".{file.package}" if file.package else ""
    waiting = [(f"{prefix}.{message.name}", message) for message in file.message_type]
    while waiting:
        name, message = waiting.pop()
        types[name] = tuple([f.type_name for f in message.field if f.type_name])
        waiting += [(f"{name}.{nested.name}", nested) for nested in message.nested_type]
    for extension in file.extension:
        if extension.type_name:
            types[extension.extendee] = (*types.get(extension.extendee, ()), extension.type_name)
    methods = [method for service in file.service for method in service.method]
    requests = tuple([method.input_type for method in methods])
    return _Uses(types, requests, tuple([method.output_type for method in methods]))


def _reached(names: Iterable[str], graph: dict[str, tuple[str, ...]]) -> set[str]:
    """The types in *names* and every message and enum that their fields lead to."""
    reached: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += graph.get(name, ())
    return reached
