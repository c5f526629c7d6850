"""The gRPC libraries behind servers: recognised by their own words, and what each is known to do.

Where the specifications leave a status open or libraries depart from them, an application cannot
help it: what its library is known to answer is accepted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Oddity(StrEnum):
    """Something that only a library answers."""

    NO_MESSAGE = "no request message"
    TWO_MESSAGES = "two request messages"
    UNKNOWN_ENCODING = "an unknown message encoding"
    BROKEN_ENCODING = "a compressed message that does not decompress"
    UNNAMED_ENCODING = "a compressed message without an encoding"
    CONTENT_TYPE = "the content type text/plain"
    UNPADDED = "binary metadata without padding"
    BAD_BINARY = "binary metadata that is no base64"
    FIELD_ZERO = "field number 0"
    BAD_UTF8 = "invalid UTF-8"
    TRUNCATED = "truncated bytes"
    DEADLINE = "a deadline that passes while a stream stays open"
    BROKEN_STREAMED = "bytes that are no message in a stream of requests"
    BROKEN_LATER = "bytes that are no message after valid requests"


PROMISED: Mapping[Oddity, str] = {
    Oddity.NO_MESSAGE: "UNIMPLEMENTED",
    Oddity.TWO_MESSAGES: "UNIMPLEMENTED",
    Oddity.UNKNOWN_ENCODING: "UNIMPLEMENTED",
    Oddity.BROKEN_ENCODING: "INTERNAL",
    Oddity.UNNAMED_ENCODING: "INTERNAL",
    Oddity.CONTENT_TYPE: "HTTP 415",
}
"""What the specifications ask for. Libraries dispute which refusal it is, so any will do."""

OK, SILENCE = "OK", "no status"
"""Answers that are no refusal."""
CUT = "replies missing"
"""The status overtakes replies that are on their way."""


@dataclass(frozen=True, slots=True)
class Stack:
    """A library: how it says that it does not know a service, and what it is known to let pass."""

    name: str
    says: re.Pattern[str]
    known: Mapping[Oddity, tuple[str, ...]] = field(default_factory=dict)
    headers: re.Pattern[str] = re.compile("")
    """What the headers of its answers look like."""


_LETS_SECOND_BY: Mapping[Oddity, tuple[str, ...]] = {Oddity.TWO_MESSAGES: (OK,)}
_CORE: Mapping[Oddity, tuple[str, ...]] = {
    Oddity.TWO_MESSAGES: (OK,),
    Oddity.CONTENT_TYPE: (OK,),
}

STACKS: tuple[Stack, ...] = (
    Stack(
        "grpcio (Python)",
        re.compile(r"^Method not found!$"),
        {**_CORE, Oddity.NO_MESSAGE: (SILENCE,)},  # grpc.aio waits for it without end
    ),
    Stack(
        "gRPC core (C++, Ruby, PHP)",
        re.compile(r"^$"),
        {
            **_CORE,
            Oddity.UNKNOWN_ENCODING: (OK,),  # taken for none, in older releases
            Oddity.UNNAMED_ENCODING: (OK,),
            Oddity.BROKEN_STREAMED: (OK,),  # Read of C++ tells them from the end by nothing
        },
        headers=re.compile(r"grpc-accept-encoding=identity, deflate, gzip"),
    ),
    Stack(
        "grpc-go",
        re.compile(r"^unknown (service|method) "),
        {**_LETS_SECOND_BY, Oddity.CONTENT_TYPE: (OK,)},  # both in older releases
    ),
    Stack("grpc-java", re.compile(r"^Method not found: ")),
    Stack("grpc-dotnet", re.compile(r"^(Service|Method) is unimplemented\.$")),
    Stack(
        "grpc-js",
        re.compile(r"^The server does not implement the method"),
        {
            **_LETS_SECOND_BY,  # in older releases
            Oddity.UNNAMED_ENCODING: (OK,),
            Oddity.FIELD_ZERO: (OK,),  # protobuf.js skips it as any unknown field
            Oddity.BAD_UTF8: (OK,),  # protobuf.js puts U+FFFD in its place
            Oddity.TRUNCATED: (OK,),  # protobuf.js cuts a string where the bytes end
            Oddity.BROKEN_LATER: (CUT,),
        },
    ),
    Stack(
        "grpclib",
        re.compile(r"^Method not found$"),
        # It hands None to the application where there is no message, and counts none itself.
        {**_LETS_SECOND_BY, Oddity.UNKNOWN_ENCODING: (OK,), Oddity.NO_MESSAGE: (OK,)},
    ),
    Stack(
        "tonic",
        re.compile(r"^$"),
        {**_CORE, Oddity.DEADLINE: (SILENCE,)},  # it ends the wait for the first reply alone
    ),
)
"""In the order in which they are tried: the last has no words of its own."""


def recognised(message: str, headers: Mapping[str, str]) -> Stack | None:
    """The library that says *message* of a service that it does not know."""
    told = "\n".join(f"{key}={value}" for key, value in headers.items())
    return next((s for s in STACKS if s.says.search(message) and s.headers.search(told)), None)


def known_of(stack: Stack | None, oddity: str) -> tuple[str, ...]:
    """What the library is known to answer to *oddity*, for which no application can be blamed."""
    known = stack.known if stack else {}
    return next((answers for one, answers in known.items() if one == oddity), ())


def let_pass(stack: Stack | None, oddity: Oddity, answer: str) -> bool:
    """Whether *answer* is no refusal of what had to be refused, and not known of the library."""
    return answer in (OK, SILENCE) and answer not in known_of(stack, oddity)
