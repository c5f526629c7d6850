"""A schema asked of a running server, and what is said where that fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent import futures
from contextlib import contextmanager
from typing import Any

import grpc
import pytest
from google.protobuf import descriptor_pb2
from grpc_health.v1 import health, health_pb2_grpc
from grpc_reflection.v1alpha import reflection, reflection_pb2, reflection_pb2_grpc

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


def orders(**more: Any) -> descriptor_pb2.FileDescriptorProto:
    """The file that declares `shop.Orders`, with *more* of what a file may have."""
    file = descriptor_pb2.FileDescriptorProto(
        **{"name": "shop.proto", "package": "shop", "syntax": "proto3"} | more
    )
    file.message_type.add(name="Order")
    file.service.add(name="Orders").method.add(
        name="Place", input_type=".shop.Order", output_type=".shop.Order"
    )
    return file


class Liar(reflection_pb2_grpc.ServerReflectionServicer):
    """Lists `shop.Orders`, and gives the files that *answer* makes up for each question."""

    def __init__(self, answer: Callable[[Any], list[descriptor_pb2.FileDescriptorProto]]) -> None:
        self.answer = answer

    def ServerReflectionInfo(self, requests: Any, _: Any) -> Iterator[Any]:  # noqa: N802
        for request in requests:
            reply = reflection_pb2.ServerReflectionResponse()
            if request.HasField("list_services"):
                reply.list_services_response.service.add(name="shop.Orders")
            else:
                files = [file.SerializeToString() for file in self.answer(request)]
                reply.file_descriptor_response.SetInParent()
                reply.file_descriptor_response.file_descriptor_proto.extend(files)
            yield reply


@contextmanager
def lying(answer: Callable[[Any], list[descriptor_pb2.FileDescriptorProto]]) -> Iterator[str]:
    server = grpc.server(futures.ThreadPoolExecutor(2))
    reflection_pb2_grpc.add_ServerReflectionServicer_to_server(Liar(answer), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(None).wait()


def nothing(_: Any) -> list[descriptor_pb2.FileDescriptorProto]:
    return []


def another(_: Any) -> list[descriptor_pb2.FileDescriptorProto]:
    return [orders(package="depot")]


def no_imports(asked: Any) -> list[descriptor_pb2.FileDescriptorProto]:
    return [] if asked.file_by_filename else [orders(dependency=["price.proto"])]


def without_end(asked: Any) -> list[descriptor_pb2.FileDescriptorProto]:
    name = asked.file_by_filename or "shop.proto"
    return [orders(name=name, dependency=[f"more/{name}"])]


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (nothing, "cannot describe service shop.Orders"),
        (another, "lists 'shop.Orders' by reflection and gives files that do not declare it"),
        (no_imports, "cannot describe file price.proto"),
        (without_end, "imports without an end"),
    ],
)
def test_reflection_that_contradicts_itself_is_told_as_such(answer, sentence):
    """
    Whatever a server makes up, one sentence says what and that a schema may be given instead.
    """
    with lying(answer) as address, pytest.raises(NoReflection, match=sentence) as told:
        schema_by_reflection(address)
    assert "--schema" in str(told.value)
