"""Faults of how calls are carried: bytes, counts of messages, metadata, sizes."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc

from contract_tests.faults.making import BrokenError, around, crashing
from service.interceptors.decoding import Decoding
from service.interceptors.handlers import Chain
from service.interceptors.order import layers


def without_decoding(settings: Any, parts: Any) -> Any:
    """Nothing catches bytes that do not decode."""
    return tuple(layer for layer in layers(settings, parts) if not isinstance(layer, Decoding))


class Guessing(Decoding):
    """Bytes that do not decode pass for an empty message."""

    def wrap(self, handler: Any, method: Any) -> Any:
        del method
        decode = handler.request_deserializer

        def guessed(data: bytes) -> Any:
            try:
                return decode(data)
            except Exception:  # noqa: BLE001 (the fault)
                return decode(b"")

        return handler._replace(request_deserializer=guessed)


def guessing(settings: Any, parts: Any) -> Any:
    """The layers, with a decoder that guesses."""
    return tuple(
        Guessing() if isinstance(layer, Decoding) else layer for layer in layers(settings, parts)
    )


class CatchAll(Chain):
    """A method that does not exist answers OK with nothing in it."""

    def service(self, handler_call_details: Any) -> Any:
        found = super().service(handler_call_details)
        if found is not None or "NoSuchMethod" not in handler_call_details.method:
            return found

        async def nothing(_: Any, __: Any) -> bytes:
            return b""

        return grpc.unary_unary_rpc_method_handler(nothing)


class _Replying(Chain):
    """GetUser's one reply becomes another number of them."""

    count = 1

    def service(self, handler_call_details: Any) -> Any:
        found: Any = super().service(handler_call_details)
        if not str(handler_call_details.method).endswith("/GetUser"):
            return found
        count = self.count

        async def streamed(request: Any, context: Any) -> Any:
            reply = await found.unary_unary(request, context)
            for _ in range(count):
                yield reply

        return grpc.unary_stream_rpc_method_handler(
            streamed, found.request_deserializer, found.response_serializer
        )


class Doubling(_Replying):
    """A reply is sent twice."""

    count = 2


class Swallowing(_Replying):
    """A reply is not sent at all."""

    count = 0


class Garbling(Chain):
    """CreateUser's reply is no message of its type."""

    def service(self, handler_call_details: Any) -> Any:
        found: Any = super().service(handler_call_details)
        if not str(handler_call_details.method).endswith("/CreateUser"):
            return found
        return found._replace(response_serializer=lambda _: b"\x0a\xff")


def _has_unknown_fields(request: Any) -> bool:
    clean = type(request)()
    clean.CopyFrom(request)
    clean.DiscardUnknownFields()
    return bool(clean.SerializeToString() != request.SerializeToString())


UNKNOWN_FIELDS_CRASH = crashing("DeleteUser", _has_unknown_fields)
UNKNOWN_ENUM_CRASHES = crashing("ListUsers", lambda request: request.status > 4)
LARGE_MESSAGE_CRASHES = crashing("CreateUser", lambda request: request.ByteSize() > 1_000_000)
EMPTY_MESSAGE_CRASHES = crashing("GetUser", lambda request: not request.ByteSize())
NO_MASK_CRASHES = crashing("UpdateUser", lambda request: not request.HasField("update_mask"))


async def _reads_metadata(_: Any, healthy: Any, request: Any, context: Any) -> Any:
    metadata: dict[str, str] = {}
    for key, value in context.invocation_metadata():
        if not key.startswith(("grpc-", "user-agent")):
            metadata[key] = value.encode("ascii").decode()
    return await healthy(request, context)


BINARY_METADATA_CRASHES = around("ListUsers", _reads_metadata)


async def _reads_keys(_: Any, healthy: Any, request: Any, context: Any) -> Any:
    keys = [key for key, _ in context.invocation_metadata() if not key.startswith("grpc-")]
    if len(set(keys)) < len(keys):
        raise BrokenError(keys)
    return await healthy(request, context)


REPEATED_METADATA_CRASHES = around("DeleteUser", _reads_keys)


async def _reads_long(_: Any, healthy: Any, request: Any, context: Any) -> Any:
    if any(len(value) > 4096 for _, value in context.invocation_metadata()):
        raise BrokenError("header too long")
    return await healthy(request, context)


LONG_METADATA_CRASHES = around("UpdateUser", _reads_long)


async def _hangs(_: Any, healthy: Any, request: Any, context: Any) -> Any:
    """A lock that a refused request never gives back."""
    if request.user.display_name == "":
        await asyncio.Event().wait()
    return await healthy(request, context)


INVALID_HANGS = around("CreateUser", _hangs)
