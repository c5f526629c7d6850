"""Checks over one exchange, of whatever style."""

from __future__ import annotations

from collections.abc import Iterator

from google.protobuf.message import DecodeError

from wireproof.checks.check import Check, Profile
from wireproof.checks.facts import (
    SERVER_FAULTS,
    UNJUDGED,
    Code,
    Kind,
    about,
    cut_short,
    details,
    details_bytes,
    kind_of,
    torn,
)
from wireproof.checks.leaks import leaked
from wireproof.exchange import Exchange, Style
from wireproof.finding import Breach

WELL_FORMED = frozenset({Kind.VALID, Kind.INVALID, Kind.STRANGE})
MALFORMED = frozenset({Kind.MALFORMED})
OF_ITS_COUNT = frozenset(Kind) - {Kind.CARDINALITY}
ONE_REPLY_STYLES = (Style.UNARY, Style.CLIENT_STREAMING)


def server_fault(x: Exchange) -> Iterator[Breach]:
    if x.code in SERVER_FAULTS:
        yield Breach(about(x), "an answer to a well-formed request", x.code.name)
    elif torn(x):
        yield Breach(about(x), "an answer to a well-formed request", "with no status (RST_STREAM)")


def unknown_method(x: Exchange) -> Iterator[Breach]:
    if x.code not in UNJUDGED and not x.note.get("absent"):
        yield Breach(x.method.full_name, Code.UNIMPLEMENTED.name, x.code.name)


_MALFORMED_OK = (Code.INTERNAL, Code.INVALID_ARGUMENT, Code.UNKNOWN, *UNJUDGED)


def malformed_refused(x: Exchange) -> Iterator[Breach]:
    """A library known to take such bytes for a message lets its application answer as it will."""
    known = x.note.get("known", ())
    if x.code not in _MALFORMED_OK and not {x.code.name, Code.OK.name} & {*known}:
        yield Breach(_malformed(x), "INVALID_ARGUMENT or INTERNAL", x.code.name)


def malformed_unknown(x: Exchange) -> Iterator[Breach]:
    if x.code is Code.UNKNOWN:
        yield Breach(_service(x), "INVALID_ARGUMENT or INTERNAL", x.code.name)


def _service(x: Exchange) -> str:
    """What parses requests for all methods of a service alike."""
    return f"{x.method.full_name.rpartition('.')[0]}: bytes that are no message"


def _malformed(x: Exchange) -> str:
    return f"{x.method.full_name}: {x.note.get('malformed', 'bytes')}"


def one_reply(x: Exchange) -> Iterator[Breach]:
    if (count := len(x.received)) != 1:
        yield Breach(x.method.full_name, "exactly one reply with OK", _count(count))


def one_reply_at_most(x: Exchange) -> Iterator[Breach]:
    if (count := len(x.received)) > 1:
        yield Breach(x.method.full_name, "one reply at most", _count(count))


def reply_decodes(x: Exchange) -> Iterator[Breach]:
    for payload in x.received:
        try:
            x.method.reply.FromString(payload)
        except DecodeError:
            name = x.method.reply.DESCRIPTOR.full_name
            yield Breach(x.method.full_name, f"replies of type {name}", "bytes that do not decode")
            return


def details_agree(x: Exchange) -> Iterator[Breach]:
    if details_bytes(x) is None:
        return
    status = details(x)
    if status is None:
        yield Breach(x.method.full_name, "a google.rpc.Status", "bytes that do not decode")
    elif status.code != x.code.value[0]:
        yield Breach(x.method.full_name, f"details with the code {x.code.name}", str(status.code))


def nothing_leaked(x: Exchange) -> Iterator[Breach]:
    texts = [x.message]
    if status := details(x):
        texts += [status.message, *(_text(detail.value) for detail in status.details)]
    said = b"".join(x.sent)
    found = next((mark for text in texts if (mark := leaked(text, said))), None)
    if found:
        subject = _service(x) if kind_of(x) is Kind.MALFORMED else x.method.full_name
        yield Breach(subject, "an error without the server's internals", found)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def one_detail_a_type(x: Exchange) -> Iterator[Breach]:
    status = details(x)
    kinds = [detail.type_url.rsplit("/", 1)[-1] for detail in status.details] if status else []
    for kind in sorted({kind for kind in kinds if kinds.count(kind) > 1}):
        yield Breach(x.method.full_name, f"at most one {kind}", str(kinds.count(kind)))


_OURS = (Code.DEADLINE_EXCEEDED, Code.CANCELLED, Code.UNAVAILABLE, Code.UNIMPLEMENTED)


def error_info_present(x: Exchange) -> Iterator[Breach]:
    if x.code in _OURS:
        return
    status = details(x)
    names = [detail.type_url.rsplit("/", 1)[-1] for detail in status.details] if status else []
    if "google.rpc.ErrorInfo" not in names:
        yield Breach(x.method.full_name, f"google.rpc.ErrorInfo with {x.code.name}", "none")


def client_stream_ends(x: Exchange) -> Iterator[Breach]:
    if x.method.style is Style.UNARY and not x.note.get("answers", True):
        return  # it may wait on purpose, for something that this run has not got
    if x.code is Code.DEADLINE_EXCEEDED and not cut_short(x):
        waited = f"nothing after {x.script.deadline:g} s"
        yield Breach(x.method.full_name, "a status after the half-close", waited)


def _count(number: int) -> str:
    return {0: "none", 1: "one"}.get(number, str(number))


EVERY_STYLE: tuple[Check[Exchange], ...] = (
    Check(
        id="SERVER_FAULT",
        on=Exchange,
        check=server_fault,
        says="{subject} answered {found} where its caller is owed {promised}",
        why="INTERNAL, UNKNOWN, DATA_LOSS and a stream reset without a status say that the server "
        "broke, and clients cannot react.",
        fix="Handle the case and answer the status that names the caller's mistake, or OK.",
        source="https://grpc.github.io/grpc/core/md_doc_statuscodes.html",
        kinds=WELL_FORMED,
        ok=False,
    ),
    Check(
        id="UNKNOWN_METHOD_UNIMPLEMENTED",
        on=Exchange,
        check=unknown_method,
        says="a method that does not exist ({subject}) must answer {promised}, answered {found}",
        why="Clients recognise an older server by it.",
        fix="Leave unknown methods to the gRPC library.",
        source="https://grpc.github.io/grpc/core/md_doc_statuscodes.html",
        kinds=frozenset({Kind.UNKNOWN_METHOD}),
    ),
    Check(
        id="MALFORMED_REFUSED",
        on=Exchange,
        check=malformed_refused,
        says="{subject} must be answered with {promised}, was answered with {found}",
        why="Bytes that are no message were taken for one.",
        fix="Refuse what does not parse before the handler runs.",
        source="https://protobuf.dev/programming-guides/encoding/",
        kinds=MALFORMED,
    ),
    Check(
        id="MALFORMED_UNKNOWN",
        on=Exchange,
        check=malformed_unknown,
        says="{subject} should be answered with {promised}, was answered with {found}",
        why="UNKNOWN reads as a broken server, and proxies eject the host for it.",
        fix="Catch the parse error where requests are deserialised and answer INVALID_ARGUMENT.",
        source="https://grpc.github.io/grpc/core/md_doc_statuscodes.html",
        kinds=MALFORMED,
        ok=False,
    ),
    Check(
        id="ONE_REPLY",
        on=Exchange,
        check=one_reply,
        says="{subject} must send {promised}, sent {found}",
        why="Generated clients hang on a second reply or hand out nothing for a missing one.",
        fix="Send exactly one message before OK.",
        source="https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md",
        styles=ONE_REPLY_STYLES,
        ok=True,
    ),
    Check(
        id="ONE_REPLY_AT_MOST",
        on=Exchange,
        check=one_reply_at_most,
        says="{subject} must send {promised}, sent {found}",
        why="A method without server streaming has one reply.",
        fix="Send at most one message.",
        source="https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md",
        styles=ONE_REPLY_STYLES,
        ok=False,
    ),
    Check(
        id="REPLY_DECODES",
        on=Exchange,
        check=reply_decodes,
        says="{subject} must send {promised}, sent {found}",
        why="Clients built from the schema cannot read the reply.",
        fix="Serve the schema that is published, or publish the one that is served.",
        source="https://protobuf.dev/programming-guides/encoding/",
    ),
    Check(
        id="STATUS_DETAILS_AGREE",
        on=Exchange,
        check=details_agree,
        says="the status details of {subject} must be {promised}, are {found}",
        why="Clients read the details or the status; both must tell the same.",
        fix="Build the status and its details in one place.",
        source="https://grpc.io/docs/guides/error/",
    ),
    Check(
        id="INTERNALS_LEAKED",
        on=Exchange,
        check=nothing_leaked,
        says="{subject} should answer {promised}, told its caller of {found}",
        why="Stack traces and exception texts help attackers and no one else.",
        fix="Log the exception and answer a message written for the caller.",
        source="heuristic",
        ok=False,
    ),
    Check(
        id="CLIENT_STREAM_ENDS",
        on=Exchange,
        check=client_stream_ends,
        says="{subject} must answer {promised}: {found}",
        why="A client that has said everything waits for ever.",
        fix="Answer when the stream of requests ends, whatever it held.",
        source="https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md",
        styles=(Style.CLIENT_STREAMING, Style.UNARY),
        kinds=OF_ITS_COUNT,
        ok=False,
    ),
    Check(
        id="HALF_CLOSE_ENDS",
        on=Exchange,
        check=client_stream_ends,
        says="{subject} should answer {promised}: {found}",
        why="A client that has said everything waits for the end of the stream.",
        fix="End the call when the stream of requests ends.",
        source="heuristic",
        styles=(Style.BIDIRECTIONAL,),
        kinds=OF_ITS_COUNT,
        ok=False,
    ),
    Check(
        id="ONE_DETAIL_A_TYPE",
        on=Exchange,
        check=one_detail_a_type,
        says="the status details of {subject} must hold {promised}, hold {found}",
        why="Clients read the first detail of a type.",
        fix="Merge the details of one type.",
        source="https://google.aip.dev/193",
        profile=Profile.AIP,
    ),
    Check(
        id="ERROR_INFO_PRESENT",
        on=Exchange,
        check=error_info_present,
        says="an error of {subject} must carry {promised}, carries {found}",
        why="Clients tell errors apart by reason and domain, never by message.",
        fix="Attach google.rpc.ErrorInfo to every error.",
        source="https://google.aip.dev/193",
        profile=Profile.AIP_STRICT,
        kinds=frozenset({Kind.VALID, Kind.INVALID}),  # what is strange, a library answers
        ok=False,
    ),
)
