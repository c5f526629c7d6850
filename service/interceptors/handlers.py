"""Method handlers of all four styles, wrapped alike."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

import grpc

from service.current import ARRIVED, Method

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


class Chain(grpc.GenericRpcHandler):
    """All methods that are served, with the layers around each, the outermost first.

    Generated code adds its methods here as it would to a server, which is handed the chain. A
    server of grpc.aio waits for the next call of every method registered with it, anew after each
    call: two dozen of them cost as much as half the layers. Of a chain's methods it knows nothing,
    and waits for any call at all.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.layers = layers
        self.methods: dict[str, Handler] = {}

    def add_registered_method_handlers(self, service: str, handlers: Mapping[str, Handler]) -> None:
        """Wrap the methods of a service, once: on every call it would cost more than the layers."""
        for name, handler in handlers.items():
            path = f"/{service}/{name}"
            method = Method(path, handler.request_streaming, handler.response_streaming)
            for layer in reversed(self.layers):
                handler = layer.wrap(handler, method)
            self.methods[path] = handler

    def add_generic_rpc_handlers(self, handlers: Sequence[grpc.GenericRpcHandler]) -> None:
        """The same methods in another form: generated code adds them in both."""

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Handler | None:
        """The method of a call; asked for within the task that serves it."""
        found = self.methods.get(str(handler_call_details.method))
        if found is not None:
            ARRIVED.set((time.perf_counter(), handler_call_details.invocation_metadata))
        return found


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
