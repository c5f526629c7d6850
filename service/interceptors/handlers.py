"""Method handlers of all four styles, wrapped alike."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, Protocol, TypeAlias

import grpc

from service.current import Method

Context = grpc.aio.ServicerContext[Any, Any]
Call = Callable[[Any, Context], Awaitable[Any]]
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"


class Wrapper(Protocol):
    """Makes of a call another: `call` answers a reply, or None after it has written them itself."""

    def __call__(self, call: Call, handler: Handler, /) -> Call: ...


class Layer(Protocol):
    """Something that happens around every call."""

    def wrap(self, handler: Handler, method: Method) -> Handler:
        """The method with this layer around it; called once a method."""


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


class Chain(grpc.aio.ServerInterceptor):
    """Layers as one interceptor, the outermost first.

    A method is wrapped once, when it is first called: wrapping it anew costs more than the layers.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._layers = layers
        self._made: dict[str, Handler] = {}

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler | None:
        path = str(handler_call_details.method)
        made = self._made.get(path)
        if made is None:
            handler = await continuation(handler_call_details)
            if handler is None:
                return None
            made = self._made[path] = self._wrap(handler, path)
        return made

    def _wrap(self, handler: Handler, path: str) -> Handler:
        method = Method(path, handler.request_streaming, handler.response_streaming)
        for layer in reversed(self._layers):
            handler = layer.wrap(handler, method)
        return handler


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
