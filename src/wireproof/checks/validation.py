"""Checks of the rules that the schema states, over one exchange."""

from __future__ import annotations

from collections.abc import Iterator

from wireproof.checks.check import Check
from wireproof.checks.facts import (
    SERVER_FAULTS,
    UNJUDGED,
    Code,
    Kind,
    about,
    kind_of,
    path_of,
    plain,
    violated_fields,
)
from wireproof.exchange import Exchange, Style
from wireproof.finding import Breach

_NO_VERDICT = UNJUDGED | SERVER_FAULTS


def invalid_refused(x: Exchange) -> Iterator[Breach]:
    if kind_of(x) is not Kind.INVALID or not one_message(x) or x.code in _NO_VERDICT:
        return
    if x.code is not Code.INVALID_ARGUMENT:
        yield Breach(about(x), Code.INVALID_ARGUMENT.name, x.code.name)


def held_invalid_refused(x: Exchange) -> Iterator[Breach]:
    accepted = kind_of(x) is Kind.INVALID and one_message(x) and x.note.get("held")
    if accepted:
        yield Breach(about(x), Code.INVALID_ARGUMENT.name, "a stream that stays open")


def invalid_refused_or_held(x: Exchange) -> Iterator[Breach]:
    yield from invalid_refused(x)
    yield from held_invalid_refused(x)


def one_message(x: Exchange) -> bool:
    """Whether the style sends one request, which the status then judges."""
    return not x.method.style.client_streams


def field_named(x: Exchange) -> Iterator[Breach]:
    if kind_of(x) is not Kind.INVALID or x.code is not Code.INVALID_ARGUMENT or not path_of(x):
        return
    fields = violated_fields(x)
    if fields and not any(_same_field(path_of(x), field) for field in fields):
        yield Breach(about(x), "a violation that names the field", ", ".join(sorted(set(fields))))


def _same_field(path: str, named: str) -> bool:
    """Whether *named* is the field or one that holds it or lies in it, in either case style."""
    ours, theirs = (plain(text).replace("_", "").lower() for text in (path, named))
    return ours.endswith(theirs) or theirs.endswith(ours) or ours in theirs or theirs in ours


def nothing_before_refusal(x: Exchange) -> Iterator[Breach]:
    refused = kind_of(x) is Kind.INVALID and x.code is Code.INVALID_ARGUMENT
    if refused and x.received and one_message(x):
        yield Breach(x.method.full_name, "no message before the refusal", str(len(x.received)))


def replies_decode_to_valid(x: Exchange) -> Iterator[Breach]:
    # What the request already broke is told of the request.
    for violation in x.note.get("reply_violations", ()) if kind_of(x) is Kind.VALID else ():
        yield Breach(
            f"{x.method.full_name}: {violation[0]}", violation[1], "a reply that breaks it"
        )


VALIDATION: tuple[Check[Exchange], ...] = (
    Check(
        id="REPLY_KEEPS_RULES",
        on=Exchange,
        check=replies_decode_to_valid,
        says="a reply of {subject} should keep the rule {promised}: found {found}",
        why="Readers rely on the rules that the schema states.",
        fix="Store and send only what the rules allow, or loosen the rule.",
        source="https://protovalidate.com",
    ),
    Check(
        id="INVALID_REQUEST_REFUSED",
        on=Exchange,
        check=invalid_refused_or_held,
        says="{subject} breaks a rule of its schema and must answer {promised}, answered {found}",
        why="A constraint the service ignores is not a promise.",
        fix="Validate every request, each message of a stream included, before acting on it.",
        source="https://protovalidate.com",
        styles=(Style.UNARY, Style.SERVER_STREAMING),
    ),
    Check(
        id="VIOLATION_NAMES_FIELD",
        on=Exchange,
        check=field_named,
        says="the refusal of {subject} should carry {promised}; it names {found}",
        why="A client shows the message beside the field that it names.",
        fix="Put the path of the offending field into google.rpc.BadRequest.",
        source="heuristic",
    ),
    Check(
        id="NOTHING_BEFORE_REFUSAL",
        on=Exchange,
        check=nothing_before_refusal,
        says="{subject} should send {promised}, sent {found}",
        why="A client acts on what it has received before it learns that the request was refused.",
        fix="Validate before the first message is sent.",
        source="heuristic",
        styles=(Style.SERVER_STREAMING,),
    ),
)
