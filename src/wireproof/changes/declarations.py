"""What the extension ranges of a message say of the extensions that may stand in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.protobuf import descriptor_pb2

from wireproof.changes import kinds
from wireproof.changes.change import Change
from wireproof.schema.elements import MessageType

_DECLARED = descriptor_pb2.ExtensionRangeOptions.DECLARATION
NOTHING = "any extension"
"""What a range without verification admits under each number."""
UNDECLARED = "no extension"
"""What a verified range admits under a number that it does not declare."""
RESERVED = "reserved"


def declaration_changes(old: MessageType, new: MessageType) -> Iterator[Change]:
    """Numbers of which the ranges of both versions say different things.

    A number that has no range any more is told with its range.
    """
    was, now = _declared(old), _declared(new)
    for number in sorted(was.keys() | now.keys()):
        before, after = was.get(number, _rest(old, number)), now.get(number, _rest(new, number))
        if before != after and before and after and _says_more(before, after):
            yield kinds.ExtensionDeclarationChanged(old, new, before, after, number)
    if _verified(new) and (lost := [span for span in _open(old) if _inside(span, _verified(new))]):
        said = ", ".join(f"{first} to {last}" for first, last in lost)
        yield kinds.ExtensionVerificationAdded(old, new, NOTHING, f"declared ones only in {said}")


def _says_more(before: str, after: str) -> bool:
    """Numbers that were or become free are told with their whole range."""
    return NOTHING not in (before, after)


def _declared(message: MessageType) -> dict[int, str]:
    """Number → the extension that is declared for it, in words."""
    ranges = message.proto.extension_range
    return {one.number: _words(one) for span in ranges for one in span.options.declaration}


def _words(declared: Any) -> str:
    if declared.reserved:
        return RESERVED
    many = "repeated " if declared.repeated else ""
    return f"{many}{declared.type.lstrip('.')} {declared.full_name.lstrip('.')}"


def _rest(message: MessageType, number: int) -> str:
    """What is said of a number without a declaration; empty where no range has it."""
    for span in message.proto.extension_range:
        if span.start <= number < span.end:
            return UNDECLARED if _is_verified(span) else NOTHING
    return ""


def _is_verified(span: Any) -> bool:
    return bool(span.options.declaration) or (
        span.options.HasField("verification") and span.options.verification == _DECLARED
    )


def _verified(message: MessageType) -> list[tuple[int, int]]:
    ranges = message.proto.extension_range
    return [(span.start, span.end - 1) for span in ranges if _is_verified(span)]


def _open(message: MessageType) -> list[tuple[int, int]]:
    ranges = message.proto.extension_range
    return [(span.start, span.end - 1) for span in ranges if not _is_verified(span)]


def _inside(span: tuple[int, int], others: list[tuple[int, int]]) -> bool:
    return any(span[0] <= last and first <= span[1] for first, last in others)
