"""Faults in few words: what goes wrong around one method, as a subclass of the servicer."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from service.v1.servicer import UserServiceV1

Servicer: TypeAlias = type[UserServiceV1]
When: TypeAlias = Callable[[Any], bool]
"""Whether a request meets the fault."""


class BrokenError(Exception):
    """What a handler that crashes raises."""


def around(method: str, handle: Callable[[Any, Any, Any, Any], Awaitable[Any]]) -> Servicer:
    """The servicer with `handle(self, healthy, request, context)` in the place of *method*.

    `healthy(request, context)` is what the method does without the fault.
    """

    async def handler(self: Any, request: Any, context: Any) -> Any:
        async def healthy(request: Any, context: Any) -> Any:
            return await getattr(UserServiceV1, method)(self, request, context)

        return await handle(self, healthy, request, context)

    return _with(method, handler)


def around_stream(method: str, handle: Callable[[Any, Any, Any, Any], Any]) -> Servicer:
    """The same where the replies are a stream: `handle` and `healthy` yield them."""

    async def handler(self: Any, request: Any, context: Any) -> Any:
        def healthy(request: Any, context: Any) -> Any:
            return getattr(UserServiceV1, method)(self, request, context)

        async for reply in handle(self, healthy, request, context):
            yield reply

    return _with(method, handler)


def crashing(method: str, when: When) -> Servicer:
    """The method throws for some requests."""

    async def handle(_: Any, healthy: Any, request: Any, context: Any) -> Any:
        if when(request):
            raise BrokenError(method)
        return await healthy(request, context)

    return around(method, handle)


def sending(method: str, change: Callable[[Any, Any], Any]) -> Servicer:
    """The reply is changed by `change(reply, request)` on its way out."""

    async def handle(_: Any, healthy: Any, request: Any, context: Any) -> Any:
        asked = type(request)()
        asked.CopyFrom(request)
        reply = await healthy(request, context)
        change(reply, asked)
        return reply

    return around(method, handle)


def taking(method: str, change: Callable[[Any], Any]) -> Servicer:
    """The request is changed by `change(request)` on its way in, after its rules were checked."""

    async def handle(self: Any, healthy: Any, request: Any, context: Any) -> Any:
        self._rules.check(request)
        change(request)
        return await healthy(request, context)

    return around(method, handle)


def together(*servicers: Servicer) -> Servicer:
    """One servicer with the faulty methods of several."""
    methods: dict[str, Any] = {}
    for servicer in servicers:
        methods |= {n: m for n, m in vars(servicer).items() if inspect.isfunction(m)}
    return type("Faulty", (UserServiceV1,), methods)


def _with(method: str, handler: Any) -> Servicer:
    return type("Faulty", (UserServiceV1,), {method: handler})
