"""A chat: a stream that answers line by line, one that counts, a question with a limit."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.message import DecodeError

from wireproof.schema.schema import Schema
from wireproof.schema.source import load


@cache
def schema() -> Schema:
    """The chat's schema, read outside this repository's own modules."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(Path(__file__).parent / "protos" / "chat.proto", folder)
        return load(folder)


class Chat:
    """Answers; methods are overridden to make faults. Requests come as bytes."""

    settings: tuple[tuple[str, Any], ...] = ()
    """Of the library that serves it."""

    def kind(self, name: str) -> Any:
        return schema().message_class(f"chat.v1.{name}")

    def line(self, payload: bytes, context: Any) -> Any:
        try:
            return self.kind("Line").FromString(payload)
        except DecodeError:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "no line")

    def talk(self, payloads: Iterator[bytes], context: Any) -> Iterator[Any]:
        for payload in payloads:
            yield self.line(payload, context)

    def store(self, payloads: Iterator[bytes], context: Any) -> Any:
        return self.kind("Count")(count=sum(1 for p in payloads if self.line(p, context)))

    def ask(self, payload: bytes, context: Any) -> Any:
        self.line(payload, context)
        return self.kind("Line")(words="yes")


@contextmanager
def open_chat(kind: type[Chat] = Chat) -> Iterator[tuple[str, Schema]]:
    """The address of a chat, and its schema."""
    chat = kind()
    handlers: dict[str, Any] = {
        "Talk": grpc.stream_stream_rpc_method_handler(chat.talk, None, _bytes),
        "Store": grpc.stream_unary_rpc_method_handler(chat.store, None, _bytes),
        "Ask": grpc.unary_unary_rpc_method_handler(chat.ask, None, _bytes),
    }
    server = grpc.server(futures.ThreadPoolExecutor(8), options=kind.settings)
    server.add_generic_rpc_handlers(
        [grpc.method_handlers_generic_handler("chat.v1.Chat", handlers)]
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}", schema()
    finally:
        server.stop(None).wait()


def _bytes(reply: Any) -> bytes:
    data: bytes = reply.SerializeToString()
    return data
