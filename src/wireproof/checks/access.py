"""Checks over who may do what: credentials, permissions, the resources of others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from wireproof.checks.check import Check, Profile
from wireproof.checks.facts import SERVER_FAULTS, UNJUDGED, Code
from wireproof.checks.observations import Observation
from wireproof.exchange import Exchange
from wireproof.finding import Breach

_STATUSES = "https://grpc.github.io/grpc/core/md_doc_statuscodes.html"
_ANNOTATIONS = "wireproof/annotations/v1/annotations.proto"
_ELSEWHERE = UNJUDGED - {Code.UNAUTHENTICATED, Code.PERMISSION_DENIED, Code.CANCELLED}
"""Statuses that tell of something else than who called."""


@dataclass(frozen=True, slots=True)
class Unproven(Observation):
    """A valid call with no credentials, or with bad ones; the last exchange is it."""

    how: str
    """`without credentials` or `with bad credentials`."""
    declared: bool
    """Whether the schema declares that the method needs credentials."""
    alike: bool
    """Whether the methods that show or change the same things ask for credentials."""


@dataclass(frozen=True, slots=True)
class Denied(Observation):
    """A caller was denied permission; then asked for what is not there, then broke a rule."""

    declared: bool
    """Whether the schema declares that permission comes first."""
    missing: Exchange | None
    invalid: Exchange | None


@dataclass(frozen=True, slots=True)
class Stranger(Observation):
    """A caller to whom a resource does not belong reached for it."""

    how: str
    """`read`, `listed`, `told of`, `changed` or `deleted`."""
    reached: bool


@dataclass(frozen=True, slots=True)
class DoneAllTheSame(Observation):
    """The unary method denied a caller permission; then a stream was asked for the same."""

    done: bool


@dataclass(frozen=True, slots=True)
class KeyOfAnother(Observation):
    """An idempotency key that one caller has used was used by another; the last exchange is it."""

    shared: bool
    """Whether the first caller's use of it showed."""


def done_all_the_same(seen: DoneAllTheSame) -> Iterator[Breach]:
    if seen.done:
        yield Breach(seen.subject.full_name, "PERMISSION_DENIED, as the unary method", "OK")


def keys_apart(seen: KeyOfAnother) -> Iterator[Breach]:
    if seen.shared:
        yield Breach(
            seen.subject.full_name, "a key that is the caller's own", "the use of another caller's"
        )


def credentials_required(seen: Unproven) -> Iterator[Breach]:
    x = seen.exchanges[-1]
    if seen.declared and x.code is not Code.UNAUTHENTICATED and x.code not in _ELSEWHERE:
        yield Breach(_unproven(seen), Code.UNAUTHENTICATED.name, _answer(x))


def asked_alike(seen: Unproven) -> Iterator[Breach]:
    if not seen.declared and seen.alike and _served(seen.exchanges[-1]):
        yield Breach(_unproven(seen), "UNAUTHENTICATED as from its siblings", "an answer")


def anonymous_named(seen: Unproven) -> Iterator[Breach]:
    x = seen.exchanges[-1]
    if not seen.declared and x.code is Code.PERMISSION_DENIED and seen.alike:
        yield Breach(_unproven(seen), Code.UNAUTHENTICATED.name, x.code.name)


def _unproven(seen: Unproven) -> str:
    return f"{seen.subject.full_name} {seen.how}"


def _served(x: Exchange) -> bool:
    return x.ok or bool(x.note.get("held"))


def _answer(x: Exchange) -> str:
    return "a stream that stays open" if x.note.get("held") else x.code.name


def permission_first(seen: Denied) -> Iterator[Breach]:
    if seen.declared:
        yield from _second(seen)


def permission_first_aip(seen: Denied) -> Iterator[Breach]:
    if not seen.declared:
        yield from _second(seen)


def _second(seen: Denied) -> Iterator[Breach]:
    told = ((seen.missing, "of what does not exist"), (seen.invalid, "with an invalid request"))
    for x, how in told:
        if x is not None and x.code not in UNJUDGED | SERVER_FAULTS:
            yield Breach(
                f"{seen.subject.full_name} {how}", Code.PERMISSION_DENIED.name, x.code.name
            )


def others_kept_out(seen: Stranger) -> Iterator[Breach]:
    if seen.reached:
        yield Breach(
            seen.subject.full_name, "another caller's resource out of reach", f"it was {seen.how}"
        )


ACCESS: tuple[Check[Any], ...] = (
    Check(
        id="DENIED_ALIKE",
        on=DoneAllTheSame,
        check=done_all_the_same,
        says="{subject} should answer {promised}; it answered {found}",
        why="Whoever is turned away at the door comes in by the window.",
        fix="Ask for permission where the work is done, not in one of the methods.",
        source="heuristic",
    ),
    Check(
        id="KEYS_APART",
        on=KeyOfAnother,
        check=keys_apart,
        says="{subject} owes {promised}; it told {found}",
        why="One caller's keys refuse another's requests, or answer them with what is not theirs.",
        fix="Remember a key together with its caller.",
        source="https://google.aip.dev/155",
        profile=Profile.AIP,
    ),
    Check(
        id="CREDENTIALS_REQUIRED",
        on=Unproven,
        check=credentials_required,
        says="{subject} must answer {promised}, answered {found}",
        why="The schema declares that the method needs credentials.",
        fix="Authenticate the caller before anything else, streams included.",
        source=f"{_ANNOTATIONS}; {_STATUSES}",
    ),
    Check(
        id="CREDENTIALS_ASKED_ALIKE",
        on=Unproven,
        check=asked_alike,
        says="{subject} should answer {promised}, gave {found}",
        why="What its siblings keep from callers without credentials is open by this method.",
        fix="Authenticate here too, or declare the method public.",
        source="heuristic",
    ),
    Check(
        id="ANONYMOUS_IS_UNAUTHENTICATED",
        on=Unproven,
        check=anonymous_named,
        says="{subject} should answer {promised}, answered {found}",
        why="A client that is told PERMISSION_DENIED does not think of logging in.",
        fix="Answer UNAUTHENTICATED where the caller cannot be identified.",
        source="heuristic",
    ),
    Check(
        id="PERMISSION_FIRST",
        on=Denied,
        check=permission_first,
        says="{subject}, asked without permission, must answer {promised}, answered {found}",
        why="Whoever may not ask learns from the answer what exists and what is valid.",
        fix="Check the permission before the request is validated or looked up.",
        source=f"{_ANNOTATIONS}; https://google.aip.dev/211",
    ),
    Check(
        id="PERMISSION_BEFORE_ANSWER",
        on=Denied,
        check=permission_first_aip,
        says="{subject}, asked without permission, must answer {promised}, answered {found}",
        why="Whoever may not ask learns from the answer what exists and what is valid.",
        fix="Check the permission before the request is validated or looked up.",
        source="https://google.aip.dev/211",
        profile=Profile.AIP,
    ),
    Check(
        id="OTHERS_KEPT_OUT",
        on=Stranger,
        check=others_kept_out,
        says="{subject} must keep {promised}: {found} by a caller whom it does not name",
        why="The schema declares to whom the resource belongs.",
        fix="Compare the resource's owner with the caller in every method, streams included.",
        source=_ANNOTATIONS,
    ),
)
