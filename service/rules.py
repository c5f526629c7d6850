"""protovalidate's judgement as the service's own refusals."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import protovalidate

from service import errors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.message import Message


class Rules:
    """The rules of one version of the schema.

    A validator caches rules by a message's full name, so versions share none.
    """

    def __init__(self) -> None:
        self._validator = protovalidate.Validator()

    def warm(self, *messages: Message) -> None:
        """Compile the rules of these types now, rather than in somebody's first call."""
        for message in messages:
            self._validator.collect_violations(message)

    def check(self, message: Message, *, within: str = "") -> None:
        """Refuse a message that breaks its rules; `within` is the message's own path."""
        found = self._validator.collect_violations(message)
        if found:
            prefix = [within] if within else []
            raise errors.invalid(
                "REQUEST_INVALID",
                (
                    errors.Violation(".".join([*prefix, *_path(v.proto, message)]), v.proto.message)
                    for v in found
                ),
            )


def _path(violation: Any, message: Message) -> Iterator[str]:
    """The path to blame. A rule of a whole message is named after the field that it judges."""
    here: Any = message.DESCRIPTOR
    for element in violation.field.elements if violation.field else ():
        yield element.field_name + _subscript(element.subscript)
        here = _below(here, element)
    if here is not None and violation.rule_id.partition(".")[0] in here.fields_by_name:
        yield violation.rule_id


def _subscript(subscript: Any) -> str:
    if subscript is None:
        return ""
    value = subscript.value  # a key may hold quotes itself
    return f"[{json.dumps(value, ensure_ascii=False)}]" if isinstance(value, str) else f"[{value}]"


def _below(here: Any, element: Any) -> Any:
    """The descriptor of what an element of a path leads to, None where that has no fields."""
    field = here.fields_by_name.get(element.field_name) if here is not None else None
    kind = field.message_type if field is not None else None
    if kind is not None and kind.GetOptions().map_entry:
        return kind.fields_by_name["value"].message_type
    return kind
