"""Requests that are no protobuf, which gRPC would answer with UNKNOWN and the decoder's text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from service import errors
from service.interceptors.handlers import Call, Context, Handler, wrapped

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from service.current import Method

UNDECODABLE = object()


class Decoding:
    """Refuses bytes that do not decode, wherever in a stream they come."""

    def wrap(self, handler: Handler, method: Method) -> Handler:  # noqa: ARG002
        return wrapped(handler, _checking, deserializer=_forgiving(handler.request_deserializer))


def _forgiving(decode: Callable[[bytes], Any] | None) -> Callable[[bytes], Any] | None:
    if decode is None:
        return None

    def forgiving(data: bytes) -> Any:
        try:
            return decode(data)
        except Exception:  # noqa: BLE001 (decoders raise what they like)
            return UNDECODABLE

    return forgiving


def _checking(call: Call, handler: Handler) -> Call:
    async def each(requests: AsyncIterator[Any]) -> AsyncIterator[Any]:
        async for request in requests:
            yield _decoded(request)

    def checking(request: Any, context: Context) -> Awaitable[Any]:
        checked = each(request) if handler.request_streaming else _decoded(request)
        return call(checked, context)

    return checking


def _decoded(request: Any) -> Any:
    if request is UNDECODABLE:
        raise errors.undecodable()
    return request
