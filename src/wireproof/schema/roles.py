"""Which way a message travels: to the server, to the client, or into storage."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from wireproof.schema.index import Index


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

    def __init__(self, versions: Iterable[Index]) -> None:
        self._request: set[str] = set()
        self._response: set[str] = set()
        for index in versions:
            rpcs = [rpc for service in index.services.values() for rpc in service.rpcs.values()]
            self._request |= _reached((rpc.request for rpc in rpcs), index)
            self._response |= _reached((rpc.response for rpc in rpcs), index)

    def of(self, full_name: str) -> Role:
        """The role of the message or enum *full_name*."""
        request, response = full_name in self._request, full_name in self._response
        return Role(request, response, stored=False) if request or response else ANYWHERE


def _reached(names: Iterable[str], index: Index) -> set[str]:
    """The types in *names* and every message and enum that their fields lead to."""
    reached: set[str] = set()
    waiting = deque(names)
    while waiting:
        name = waiting.popleft()
        if name in reached:
            continue
        reached.add(name)
        message = index.message(name)
        if message is not None:
            waiting.extend(field.type_name for field in message.fields if field.type_name)
    return reached
