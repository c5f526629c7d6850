"""What a call was asked to do (a script) and what happened (an exchange), as values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple, cast

import grpc
from google.protobuf.descriptor import Descriptor, MethodDescriptor
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass

from wireproof.schema.target import Metadata


class Style(StrEnum):
    """How many messages travel each way."""

    UNARY = "unary"
    SERVER_STREAMING = "server-streaming"
    CLIENT_STREAMING = "client-streaming"
    BIDIRECTIONAL = "bidirectional"

    @property
    def client_streams(self) -> bool:
        return self in (Style.CLIENT_STREAMING, Style.BIDIRECTIONAL)

    @property
    def server_streams(self) -> bool:
        return self in (Style.SERVER_STREAMING, Style.BIDIRECTIONAL)


_STYLES = {
    (False, False): Style.UNARY,
    (False, True): Style.SERVER_STREAMING,
    (True, False): Style.CLIENT_STREAMING,
    (True, True): Style.BIDIRECTIONAL,
}


@dataclass(frozen=True, slots=True)
class Method:
    """A method of a service, with the classes of its messages."""

    full_name: str
    """As protobuf names it: `api.user.v1.UserService.GetUser`."""
    style: Style
    request: type[Message]
    reply: type[Message]
    descriptor: MethodDescriptor

    @property
    def name(self) -> str:
        return self.full_name.rsplit(".", 1)[1]

    @property
    def takes(self) -> Descriptor:
        """The request's descriptor."""
        return cast("Descriptor", self.request.DESCRIPTOR)

    @property
    def gives(self) -> Descriptor:
        """The reply's descriptor."""
        return cast("Descriptor", self.reply.DESCRIPTOR)

    @property
    def path(self) -> str:
        """As HTTP/2 names it: `/api.user.v1.UserService/GetUser`."""
        service, name = self.full_name.rsplit(".", 1)
        return f"/{service}/{name}"


def method_of(descriptor: MethodDescriptor) -> Method:
    """The method that *descriptor* declares."""
    return Method(
        full_name=descriptor.full_name,
        style=_STYLES[descriptor.client_streaming, descriptor.server_streaming],
        request=GetMessageClass(descriptor.input_type),
        reply=GetMessageClass(descriptor.output_type),
        descriptor=descriptor,
    )


class StepKind(StrEnum):
    """What one side does."""

    SEND = "send"
    RECEIVE = "receive"
    HALF_CLOSE = "half-close"
    CANCEL = "cancel"
    STATUS = "status"


class Step(NamedTuple):
    """One thing that a script asks for, or that happened; *at* is seconds since the call began."""

    kind: StepKind
    payload: bytes = b""
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Script:
    """What a client does in one call: its steps in order, then it half-closes and reads to the end
    (unless it cancelled). A `receive` step waits for one message; *deadline* is in seconds; after
    *most* steps of a stream without end the client cancels.
    """

    steps: tuple[Step, ...]
    metadata: Metadata = ()
    deadline: float = 10.0
    most: int = 10_000
    secret: Metadata = ()
    """Metadata that no report shows: what proves who calls."""


def sends(*messages: Message | bytes) -> tuple[Step, ...]:
    """A `send` step for each message."""
    return tuple(
        Step(StepKind.SEND, m if isinstance(m, bytes) else m.SerializeToString()) for m in messages
    )


@dataclass(frozen=True, slots=True)
class Exchange:
    """What happened in one call: every message both ways, then the status, with times."""

    method: Method
    script: Script
    steps: tuple[Step, ...]
    code: grpc.StatusCode
    message: str = ""
    """The status message."""
    initial_metadata: tuple[tuple[str, str | bytes], ...] = ()
    trailers: tuple[tuple[str, str | bytes], ...] = ()
    duration: float = 0.0
    """Seconds from the start of the call to its status."""
    note: dict[str, Any] = field(default_factory=dict)
    """What the generator of the call knows of it: whether it is valid, which rule it violates."""

    @property
    def ok(self) -> bool:
        return self.code is grpc.StatusCode.OK

    @property
    def sent(self) -> tuple[bytes, ...]:
        return tuple(step.payload for step in self.steps if step.kind is StepKind.SEND)

    @property
    def received(self) -> tuple[bytes, ...]:
        return tuple(step.payload for step in self.steps if step.kind is StepKind.RECEIVE)

    def requests(self) -> Iterator[Message]:
        """The requests that decode."""
        return _decoded(self.method.request, self.sent)

    def replies(self) -> Iterator[Message]:
        """The replies that decode."""
        return _decoded(self.method.reply, self.received)


def _decoded(message: type[Message], payloads: tuple[bytes, ...]) -> Iterator[Message]:
    for payload in payloads:
        try:
            yield message.FromString(payload)
        except DecodeError:
            continue
