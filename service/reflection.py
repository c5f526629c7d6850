"""Server reflection in both of its versions, which have the same messages under two names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool
from grpc_reflection.v1alpha import reflection, reflection_pb2

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.interceptors.handlers import Chain

FileDescriptor = Any  # the stubs know two classes of it

ALPHA = reflection.SERVICE_NAME
STABLE = "grpc.reflection.v1.ServerReflection"


def add_reflection(chain: Chain, names: Iterable[str]) -> None:
    """Describe the named services, whose generated code is loaded, and reflection itself."""
    alpha = reflection_pb2.DESCRIPTOR
    pool = descriptor_pool.DescriptorPool()
    default = descriptor_pool.Default()
    files = [default.FindFileContainingSymbol(name) for name in names]
    for file in _with_imports([*files, alpha]).values():
        pool.AddSerializedFile(file.serialized_pb)
    pool.Add(_renamed(alpha))
    servicer = reflection.aio.ReflectionServicer([*names, ALPHA, STABLE], pool=pool)
    handler = grpc.stream_stream_rpc_method_handler(
        servicer.ServerReflectionInfo,
        request_deserializer=reflection_pb2.ServerReflectionRequest.FromString,
        response_serializer=reflection_pb2.ServerReflectionResponse.SerializeToString,
    )
    for service in (ALPHA, STABLE):
        chain.add_registered_method_handlers(service, {"ServerReflectionInfo": handler})


def _with_imports(files: Iterable[FileDescriptor]) -> dict[str, FileDescriptor]:
    """The files by name, each after what it imports."""
    found: dict[str, FileDescriptor] = {}
    for file in files:
        found |= _with_imports(file.dependencies) | {file.name: file}
    return found


def _renamed(alpha: FileDescriptor) -> descriptor_pb2.FileDescriptorProto:
    """The stable version's file: the same but for its package."""
    file = descriptor_pb2.FileDescriptorProto.FromString(alpha.serialized_pb)
    old, new = file.package, STABLE.rpartition(".")[0]
    file.name, file.package = file.name.replace("v1alpha", "v1"), new
    fields = (field for message in file.message_type for field in message.field)
    for field in (field for field in fields if field.type_name):
        field.type_name = field.type_name.replace(f".{old}.", f".{new}.")
    for method in file.service[0].method:
        method.input_type = method.input_type.replace(f".{old}.", f".{new}.")
        method.output_type = method.output_type.replace(f".{old}.", f".{new}.")
    return file
