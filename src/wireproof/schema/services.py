"""Views of services and their methods."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from google.protobuf import descriptor_pb2

from wireproof.schema.lazy import lazy
from wireproof.schema.names import scoped

if TYPE_CHECKING:
    from wireproof.schema.elements import File

_STYLES = {
    (False, False): "unary",
    (False, True): "server streaming",
    (True, False): "client streaming",
    (True, True): "bidirectional streaming",
}


class Service:
    """One service."""

    def __init__(
        self, proto: descriptor_pb2.ServiceDescriptorProto, file: File, path: tuple[int, ...]
    ) -> None:
        self.proto = proto
        self.file = file
        self.path = path

    @property
    def name(self) -> str:
        return self.proto.name

    @lazy
    def full_name(self) -> str:
        return scoped(self.file.package, self.proto.name)

    @lazy
    def rpcs(self) -> Mapping[str, Rpc]:
        return {m.name: Rpc(m, self, i) for i, m in enumerate(self.proto.method)}


class Rpc:
    """One method of a service."""

    def __init__(
        self, proto: descriptor_pb2.MethodDescriptorProto, service: Service, index: int
    ) -> None:
        self.proto = proto
        self.service = service
        self.file = service.file
        self.path = (*service.path, 2, index)

    @property
    def name(self) -> str:
        return self.proto.name

    @property
    def full_name(self) -> str:
        return f"{self.service.full_name}.{self.name}"

    @property
    def request(self) -> str:
        return self.proto.input_type.lstrip(".")

    @property
    def response(self) -> str:
        return self.proto.output_type.lstrip(".")

    @property
    def style(self) -> str:
        return _STYLES[self.proto.client_streaming, self.proto.server_streaming]
