"""A schema asked of a running server, by gRPC's reflection service (v1, then v1alpha)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import grpc
from google.protobuf import descriptor_pb2
from google.protobuf.message import DecodeError
from grpc_reflection.v1alpha import reflection_pb2

from wireproof.errors import UnreachableTarget, WireproofError
from wireproof.schema.loose import tightened
from wireproof.schema.schema import Schema
from wireproof.schema.target import Target, credentials, explained, options, target_of

# Both versions have the same messages under the same numbers; only the path differs.
_PATHS = (
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
)
INFRASTRUCTURE = ("grpc.", "google.", "buf.", "envoy.", "wireproof.annotations.")
"""Packages of services that no application promises."""
_DEEPEST, _MOST = 100, 10_000
"""Imports of imports, and files: far beyond any schema; a server with more makes them up."""


@dataclass(eq=False)
class NoReflection(WireproofError):
    """A server that tells nothing of its schema."""

    target: str
    reason: str

    def __str__(self) -> str:
        return f"{self.target} {self.reason}; give its schema with --schema (a folder, an image)"


def schema_by_reflection(
    target: Target | str, *, infrastructure: bool = False, timeout: float = 10.0
) -> Schema:
    """Every file behind the services that the server at *target* (`host:port`) lists.

    *timeout* is in seconds, for each question. The module's own files are those that declare a
    listed service and what these import, without google.*, grpc.* and the like; with
    *infrastructure* (or where nothing else is listed) such services count too.

    Raises NoReflection where the server has none, UnreachableTarget where it does not answer or is
    no gRPC server. Blocks: never call it on the event loop that serves the target.
    """
    target = target_of(target) if isinstance(target, str) else target
    secure, chosen = credentials(target), options(target)
    opened = (
        grpc.secure_channel(target.address, secure, chosen)
        if secure
        else grpc.insecure_channel(target.address, chosen)
    )
    with opened as channel:
        return _schema(_Conversation(channel, target, timeout), infrastructure=infrastructure)


def _schema(conversation: _Conversation, *, infrastructure: bool) -> Schema:
    listed = conversation.services()
    chosen = [name for name in listed if infrastructure or not is_infrastructure(name)]
    files = tightened(conversation.files(chosen or listed), _standard)
    declared = {
        _full_name(file, service.name): file.name
        for file in files.values()
        for service in file.service
    }
    for name in chosen or listed:
        if name not in declared:
            reason = f"lists {name!r} by reflection and gives files that do not declare it"
            raise NoReflection(conversation.target.address, reason)
    declaring = {declared[name] for name in chosen or listed}
    own = _needed(declaring, files, infrastructure=infrastructure or not chosen)
    source = f"grpc://{conversation.target.address}"
    return Schema(tuple(_in_order(files)), source=source, own=frozenset(own))


def is_infrastructure(name: str) -> bool:
    """Whether a service or file's package is one that comes with a framework."""
    return name.startswith(INFRASTRUCTURE)


class _Conversation:
    """Questions and answers with one reflection service."""

    def __init__(self, channel: grpc.Channel, target: Target, timeout: float) -> None:
        self.channel = channel
        self.target = target
        self.timeout = timeout

    def services(self) -> list[str]:
        answer = self._answer(reflection_pb2.ServerReflectionRequest(list_services="*"))
        names = [s.name for s in answer.list_services_response.service]
        listed = [n for n in names if not n.endswith(".ServerReflection")]
        if not listed:
            raise NoReflection(self.target.address, "lists no service by reflection")
        return listed

    def files(self, services: list[str]) -> dict[str, descriptor_pb2.FileDescriptorProto]:
        """File name → file, for all that declares *services* and whatever that imports."""
        files: dict[str, descriptor_pb2.FileDescriptorProto] = {}
        for service in services:
            request = reflection_pb2.ServerReflectionRequest(file_containing_symbol=service)
            files |= self._files(request, f"service {service}")
        for _ in range(_DEEPEST):
            imported = {name for file in files.values() for name in file.dependency}
            missing = sorted(imported - files.keys())
            if not missing:
                return files
            for name in missing[:_MOST]:
                files |= self._file(name)
            if len(files) > _MOST:
                break
        raise NoReflection(self.target.address, "tells by reflection of imports without an end")

    def _file(self, name: str) -> dict[str, descriptor_pb2.FileDescriptorProto]:
        request = reflection_pb2.ServerReflectionRequest(file_by_filename=name)
        try:
            found = self._files(request, f"file {name}")
        except NoReflection:
            # A google/protobuf file that a server imports and forgets to serve.
            known = _standard()
            if name not in known:
                raise
            return {name: known[name]}
        # Some servers answer under the path that they were compiled with.
        if name not in found:
            found |= {name: _renamed(next(iter(found.values())), name)}
        return found

    def _files(self, request: Any, what: str) -> dict[str, descriptor_pb2.FileDescriptorProto]:
        answer = self._answer(request)
        told = answer.file_descriptor_response.file_descriptor_proto
        if not told:
            reason = answer.error_response.error_message or "it answers without a file"
            raise NoReflection(
                self.target.address, f"cannot describe {what} by reflection ({reason})"
            )
        try:
            parsed = [descriptor_pb2.FileDescriptorProto.FromString(data) for data in told]
        except DecodeError:
            raise NoReflection(
                self.target.address, f"describes {what} in bytes that do not decode"
            ) from None
        return {file.name: file for file in parsed}

    def _answer(self, request: Any) -> Any:
        try:
            return self._ask(self._path, request)
        except grpc.RpcError as error:
            raise _unanswered(self.target, error) from error

    @cached_property
    def _path(self) -> str:
        """The newest reflection service that the server has."""
        listing = reflection_pb2.ServerReflectionRequest(list_services="*")
        for path in _PATHS:
            try:
                self._ask(path, listing)
            except grpc.RpcError as error:
                if error.code() is not grpc.StatusCode.UNIMPLEMENTED:
                    raise
            else:
                return path
        raise NoReflection(self.target.address, "has no reflection service")

    def _ask(self, path: str, request: Any) -> Any:
        asking: Any = self.channel.stream_stream(
            path,
            request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
            response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
        )
        metadata = self.target.metadata
        answers = list(asking(iter([request]), timeout=self.timeout, metadata=metadata))
        if not answers:
            raise NoReflection(self.target.address, "ends reflection without an answer")
        return answers[0]


def _unanswered(target: Target, error: Any) -> WireproofError:
    code, details = error.code(), (error.details() or "").strip()
    if code in (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED):
        return NoReflection(target.address, f"refuses reflection ({code.name}: {details[:200]})")
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return UnreachableTarget(target.address, "nothing answers there in time")
    if code is grpc.StatusCode.UNAVAILABLE:
        return UnreachableTarget(target.address, explained(details, tls=target.tls))
    reason = f"it answers no gRPC ({code.name}: {details[:200]})"
    return UnreachableTarget(target.address, reason)


def _standard() -> dict[str, descriptor_pb2.FileDescriptorProto]:
    """The files of the well-known types."""
    # Importing them all costs time, and few servers need it.
    from google.protobuf import (
        any_pb2,
        api_pb2,
        duration_pb2,
        empty_pb2,
        field_mask_pb2,
        source_context_pb2,
        struct_pb2,
        timestamp_pb2,
        type_pb2,
        wrappers_pb2,
    )

    files = (
        any_pb2.DESCRIPTOR,
        api_pb2.DESCRIPTOR,
        descriptor_pb2.DESCRIPTOR,
        duration_pb2.DESCRIPTOR,
        empty_pb2.DESCRIPTOR,
        field_mask_pb2.DESCRIPTOR,
        source_context_pb2.DESCRIPTOR,
        struct_pb2.DESCRIPTOR,
        timestamp_pb2.DESCRIPTOR,
        type_pb2.DESCRIPTOR,
        wrappers_pb2.DESCRIPTOR,
    )
    return {
        file.name: descriptor_pb2.FileDescriptorProto.FromString(file.serialized_pb)
        for file in files
    }


def _renamed(
    file: descriptor_pb2.FileDescriptorProto, name: str
) -> descriptor_pb2.FileDescriptorProto:
    copy = descriptor_pb2.FileDescriptorProto()
    copy.CopyFrom(file)
    copy.name = name
    return copy


def _in_order(
    files: dict[str, descriptor_pb2.FileDescriptorProto],
) -> Iterator[descriptor_pb2.FileDescriptorProto]:
    """Dependencies first, as a pool wants them."""
    done: set[str] = set()

    def visit(name: str) -> Iterator[descriptor_pb2.FileDescriptorProto]:
        if name not in done:
            done.add(name)
            for dependency in files[name].dependency:
                yield from visit(dependency)
            yield files[name]

    for name in sorted(files):
        yield from visit(name)


def _needed(
    declaring: set[str],
    files: dict[str, descriptor_pb2.FileDescriptorProto],
    *,
    infrastructure: bool,
) -> set[str]:
    """The files that declare services and those they import, third-party ones left out."""
    needed: set[str] = set()
    waiting = sorted(declaring)
    while waiting:
        name = waiting.pop()
        file = files[name]
        third_party = not infrastructure and is_infrastructure(f"{file.package}.")
        if name in needed or (third_party and name not in declaring):
            continue
        if name.startswith("google/protobuf/"):
            continue
        needed.add(name)
        waiting.extend(file.dependency)
    return needed


def _full_name(file: descriptor_pb2.FileDescriptorProto, service: str) -> str:
    return f"{file.package}.{service}".lstrip(".")
