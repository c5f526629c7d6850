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
    path_of,
    plain,
    violated_fields,
)
from wireproof.exchange import Exchange, Style
from wireproof.finding import Breach

INVALID = frozenset({Kind.INVALID})
_NO_VERDICT = UNJUDGED | SERVER_FAULTS


def invalid_refused(x: Exchange) -> Iterator[Breach]:
    if x.code is not Code.INVALID_ARGUMENT and x.code not in _NO_VERDICT:
        yield Breach(about(x), Code.INVALID_ARGUMENT.name, x.code.name)
    if x.note.get("held"):
        yield Breach(about(x), Code.INVALID_ARGUMENT.name, "a stream that stays open")


def field_named(x: Exchange) -> Iterator[Breach]:
    if x.code is not Code.INVALID_ARGUMENT or not path_of(x):
        return
    fields = violated_fields(x)
    if fields and not any(_same_field(path_of(x), field) for field in fields):
        yield Breach(about(x), "a violation that names the field", ", ".join(sorted(set(fields))))


def _same_field(path: str, named: str) -> bool:
    """Whether *named* is the field or one that holds it or lies in it, in either case style."""
    ours, theirs = (plain(text).replace("_", "").lower() for text in (path, named))
    return ours in theirs or theirs in ours or ('"' in named and _ends(path) == _ends(named))


def _ends(path: str) -> tuple[str, str]:
    """What stands before the first subscript and after the last.

    Where a key holds quotes, and the server writes it as it is, nothing else can be told apart.
    """
    return path.partition("[")[0], path.rpartition("]")[2]


def nothing_before_refusal(x: Exchange) -> Iterator[Breach]:
    if x.code is Code.INVALID_ARGUMENT and x.received:
        yield Breach(x.method.full_name, "no message before the refusal", str(len(x.received)))


def replies_decode_to_valid(x: Exchange) -> Iterator[Breach]:
    for violation in x.note.get("reply_violations", ()):
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
        kinds=frozenset({Kind.VALID}),  # what a request broke itself is told of the request
    ),
    Check(
        id="INVALID_REQUEST_REFUSED",
        on=Exchange,
        check=invalid_refused,
        says="{subject} breaks a rule of its schema and must answer {promised}, answered {found}",
        why="A constraint the service ignores is not a promise.",
        fix="Validate every request, each message of a stream included, before acting on it.",
        source="https://protovalidate.com",
        styles=(Style.UNARY, Style.SERVER_STREAMING),  # one request, which the status judges
        kinds=INVALID,
    ),
    Check(
        id="VIOLATION_NAMES_FIELD",
        on=Exchange,
        check=field_named,
        says="the refusal of {subject} should carry {promised}; it names {found}",
        why="A client shows the message beside the field that it names.",
        fix="Put the path of the offending field into google.rpc.BadRequest.",
        source="heuristic",
        kinds=INVALID,
        ok=False,
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
        kinds=INVALID,
        ok=False,
    ),
)
