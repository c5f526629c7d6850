"""Method handlers of all four styles, wrapped alike."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Protocol, TypeAlias

import grpc

Context = grpc.aio.ServicerContext[Any, Any]
Call = Callable[[Any, Context], Awaitable[Any]]
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"


class Wrapper(Protocol):
    """Makes of a call another: `call` answers a reply, or None after it has written them itself."""

    def __call__(self, call: Call, handler: Handler, /) -> Call: ...


def wrapped(
    handler: Handler, wrapper: Wrapper, *, deserializer: Callable[[bytes], Any] | None = None
) -> Handler:
    """The same method with a wrapper around each call of it."""
    make, call = _style(handler)
    return make(
        wrapper(call, handler),
        request_deserializer=deserializer or handler.request_deserializer,
        response_serializer=handler.response_serializer,
    )


class PerMethod(grpc.aio.ServerInterceptor):
    """An interceptor that wraps a method once, when it is first called."""

    def __init__(self) -> None:
        self._made: dict[str, Handler] = {}

    def wrap(self, handler: Handler) -> Handler:
        raise NotImplementedError

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler | None:
        method = str(handler_call_details.method)
        made = self._made.get(method)
        if made is None:
            handler = await continuation(handler_call_details)
            if handler is None:
                return None
            made = self._made[method] = self.wrap(handler)
        return made


def _style(handler: Any) -> tuple[Callable[..., Handler], Call]:
    if handler.response_streaming:
        if handler.request_streaming:
            return grpc.stream_stream_rpc_method_handler, _writing(handler.stream_stream)
        return grpc.unary_stream_rpc_method_handler, _writing(handler.unary_stream)
    if handler.request_streaming:
        return grpc.stream_unary_rpc_method_handler, handler.stream_unary
    return grpc.unary_unary_rpc_method_handler, handler.unary_unary


def _writing(behaviour: Any) -> Call:
    """A streaming behaviour as a coroutine that writes, whether it yields or writes itself."""

    async def call(request: Any, context: Context) -> None:
        replies = behaviour(request, context)
        if isinstance(replies, AsyncIterator):
            async for reply in replies:
                await context.write(reply)
        else:
            await replies

    return call
