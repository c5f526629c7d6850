"""Tiny gRPC servers made of raw handlers, and the schema of the methods that they serve."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc
import grpc.aio
from google.protobuf import descriptor_pb2, descriptor_pool

from wireproof.exchange import Method, Style, method_of

FILE = descriptor_pb2.FileDescriptorProto(name="echo.proto", package="echo", syntax="proto3")
_message = FILE.message_type.add(name="Note")
_message.field.add(name="text", number=1, type=9, label=1)
_service = FILE.service.add(name="Echo")
_KINDS = {
    Style.UNARY: (False, False),
    Style.SERVER_STREAMING: (False, True),
    Style.CLIENT_STREAMING: (True, False),
    Style.BIDIRECTIONAL: (True, True),
}
_NAMES = {
    Style.UNARY: "Once",
    Style.SERVER_STREAMING: "Listen",
    Style.CLIENT_STREAMING: "Collect",
    Style.BIDIRECTIONAL: "Talk",
}
for _style, (_client, _server) in _KINDS.items():
    _service.method.add(
        name=_NAMES[_style],
        input_type=".echo.Note",
        output_type=".echo.Note",
        client_streaming=_client,
        server_streaming=_server,
    )
POOL = descriptor_pool.DescriptorPool()
POOL.Add(FILE)
METHODS: dict[Style, Method] = {
    style: method_of(POOL.FindServiceByName("echo.Echo").methods_by_name[name])
    for style, name in _NAMES.items()
}

Handler = Callable[[AsyncIterator[bytes], Any], AsyncIterator[bytes]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    """The address at which every method is answered by *handler*, whatever its style."""
    server = grpc.aio.server()
    handlers: dict[str, Any] = {
        name: grpc.stream_stream_rpc_method_handler(handler) for name in _NAMES.values()
    }
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("echo.Echo", handlers)])
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(None)


def note(text: str) -> bytes:
    """A Note on the wire."""
    kind: Any = METHODS[Style.UNARY].request
    data: bytes = kind(text=text).SerializeToString()
    return data
