"""Serve a healthy service of any shape: a class with a method for each RPC, on loopback."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.message_factory import GetMessageClass

from wireproof.schema.schema import Schema
from wireproof.schema.source import load
from wireproof.values import violations

Code = grpc.StatusCode
PROTOS = Path(__file__).parent / "protos"
_HANDLERS = {
    (False, False): grpc.unary_unary_rpc_method_handler,
    (False, True): grpc.unary_stream_rpc_method_handler,
    (True, False): grpc.stream_unary_rpc_method_handler,
    (True, True): grpc.stream_stream_rpc_method_handler,
}


@cache
def schema(file: str) -> Schema:
    """The schema in a file of this folder, read outside this repository's own modules."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(PROTOS / f"{file}.proto", folder)
        return load(folder)


class Daemons(futures.ThreadPoolExecutor):
    """A thread for each call, which nobody waits for: grpcio leaves handlers of broken streams."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> futures.Future[Any]:
        done: futures.Future[Any] = futures.Future()

        def run() -> None:
            try:
                done.set_result(fn(*args, **kwargs))
            except BaseException as error:  # noqa: BLE001 (told to whoever waits)
                done.set_exception(error)

        threading.Thread(target=run, daemon=True).start()
        return done


class Shape:
    """A service of *file*: each RPC is the method of its name in lower case with underscores."""

    file = ""
    service = ""
    """The service's name, where the class has another."""
    unchecked: tuple[str, ...] = ()
    """Methods that look at the rules of the schema themselves."""
    untested: tuple[str, ...] = ()
    """Methods for which nobody could know what to ask."""

    def kind(self, name: str) -> Any:
        """A message of the service's package."""
        return schema(self.file).message_class(f"{self.file}.v1.{name}")


def only(name: str, file: str) -> Schema:
    """The schema of *file* with the service *name* alone."""
    known = schema(file)
    files = []
    for proto in known.files:
        copy = type(proto)()
        copy.CopyFrom(proto)
        kept = [service for service in copy.service if service.name == name]
        del copy.service[:]
        copy.service.extend(kept)
        files.append(copy)
    own = frozenset(proto.name for proto in known.own_files())
    return Schema(tuple(files), source=file, own=own)


@contextmanager
def opened(shape: type[Shape]) -> Iterator[tuple[str, Schema]]:
    """The address of a fresh service, and its schema."""
    name = shape.service or shape.__name__
    serving, described = shape(), only(name, shape.file)
    methods = {method.name: method for method in schema(shape.file).methods()}
    mine = {method.name for method in described.methods()}
    handlers = {name: _handler(serving, methods[name]) for name in mine}
    server = grpc.server(Daemons())
    full_name = f"{shape.file}.v1.{name}"
    generic = grpc.method_handlers_generic_handler(full_name, handlers)
    server.add_generic_rpc_handlers([generic])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}", described
    finally:
        server.stop(0).wait(1.0)  # without a grace it would wait for handlers that never end


def _handler(serving: Shape, method: Any) -> Any:
    do = getattr(serving, _snake(method.name))
    streams, known = (method.client_streaming, method.server_streaming), schema(serving.file)

    def checked(request: Any, context: Any) -> None:
        found = violations(known, request)
        if found and method.name not in serving.unchecked:
            context.abort(Code.INVALID_ARGUMENT, f"{found[0].path}: {found[0].rule}")

    def one(request: Any, context: Any) -> Any:
        if not method.client_streaming:
            checked(request, context)
        return do(request, context)

    def many(request: Any, context: Any) -> Any:
        if not method.client_streaming:
            checked(request, context)
        yield from do(request, context)

    return _HANDLERS[streams](
        many if method.server_streaming else one,
        request_deserializer=GetMessageClass(method.input_type).FromString,
        response_serializer=lambda reply: reply.SerializeToString(),
    )


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
