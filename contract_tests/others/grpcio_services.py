"""grpcio's own services in one server: `python -m contract_tests.others.grpcio_services PORT sync`.

`aio` for the last word serves the asynchronous servicers.
"""

from __future__ import annotations

import asyncio
import sys
from concurrent import futures
from typing import Any

import grpc
from grpc_channelz.v1 import channelz, channelz_pb2
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

HEALTH = health_pb2.DESCRIPTOR.services_by_name["Health"].full_name
CHANNELZ = channelz_pb2.DESCRIPTOR.services_by_name["Channelz"].full_name
REFLECTION = reflection.SERVICE_NAME
SERVICES = (HEALTH, CHANNELZ, REFLECTION)
WORKERS = 64
"""A synchronous server lends each open stream a thread."""
_WATCHED = (("grpc.enable_channelz", 1),)


def sync(port: int) -> None:
    """Serve the synchronous servicers until the process is ended.

    By default the one of health waits for what it sends under a lock which the thread that sends
    wants where a stream ends: one stream that ends while another begins stops the whole server.
    """
    server = grpc.server(futures.ThreadPoolExecutor(WORKERS), options=_WATCHED)
    servicer = health.HealthServicer(experimental_non_blocking=False)
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    _add_the_others(server)
    server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    server.wait_for_termination()


async def aio(port: int) -> None:
    """Serve the asynchronous ones, where there are such."""
    server = grpc.aio.server(options=_WATCHED)
    health_pb2_grpc.add_HealthServicer_to_server(health.aio.HealthServicer(), server)
    _add_the_others(server)
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    await server.wait_for_termination()


def _add_the_others(server: Any) -> None:
    channelz.add_channelz_servicer(server)
    reflection.enable_server_reflection(SERVICES, server)


def main(port: str, kind: str) -> None:
    """Serve on 127.0.0.1."""
    if kind == "aio":
        asyncio.run(aio(int(port)))
    else:
        sync(int(port))


if __name__ == "__main__":
    main(*sys.argv[1:])
