"""The least that grpc.aio can do, to measure against: bytes in, the same bytes out, on uvloop."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import uvloop


async def echo(request: bytes, _: Any) -> bytes:
    return request


async def serve() -> None:
    server = grpc.aio.server()
    handler: Any = grpc.unary_unary_rpc_method_handler(echo)
    methods = grpc.method_handlers_generic_handler("bench.Echo", {"Echo": handler})
    server.add_generic_rpc_handlers((methods,))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(f"listening on 127.0.0.1:{port}", flush=True)
    await server.wait_for_termination()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve())
