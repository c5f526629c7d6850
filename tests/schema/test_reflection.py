"""A schema asked of a running server, and what is said where that fails."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager

import grpc
import pytest
from grpc_health.v1 import health, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from wireproof.errors import UnreachableTarget
from wireproof.schema.reflection import NoReflection, schema_by_reflection


@contextmanager
def health_server(*names: str, reflecting: bool = True) -> Iterator[str]:
    server = grpc.server(futures.ThreadPoolExecutor(2))
    health_pb2_grpc.add_HealthServicer_to_server(health.HealthServicer(), server)
    if reflecting:
        reflection.enable_server_reflection((*names, reflection.SERVICE_NAME), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(None).wait()


def test_the_methods_of_the_listed_services_are_there():
    """
    Where a server has nothing but infrastructure, that is what there is to test.
    """
    with health_server(health.SERVICE_NAME) as address:
        schema = schema_by_reflection(address)
    assert {method.name for method in schema.methods()} >= {"Check", "Watch"}
    assert schema.source == f"grpc://{address}"


def test_a_server_without_reflection_says_what_to_do():
    """
    The sentence names the option that helps.
    """
    with health_server(reflecting=False) as address, pytest.raises(NoReflection, match="--schema"):
        schema_by_reflection(address)


def test_a_server_that_lists_nothing_says_so():
    """
    Reflection alone is no service.
    """
    with health_server() as address, pytest.raises(NoReflection, match="no service"):
        schema_by_reflection(address)


def test_a_service_that_is_listed_and_not_described_is_named():
    """
    The server registered a name whose descriptors it lacks.
    """
    undescribed = pytest.raises(NoReflection, match=r"shop\.v1\.Orders")
    with health_server("shop.v1.Orders") as address, undescribed:
        schema_by_reflection(address)


def test_no_server_is_told_as_such():
    """
    Nothing listens on port 1.
    """
    with pytest.raises(UnreachableTarget, match="nothing listens"):
        schema_by_reflection("127.0.0.1:1")
