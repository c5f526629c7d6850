"""Marks on the messages of a stream: what a reply repeats of the request that it answers."""

from __future__ import annotations

from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from wireproof.exchange import Method
from wireproof.testing import names
from wireproof.testing.session import Session
from wireproof.testing.shapes import is_plain
from wireproof.values.integers import INTEGERS

_TRIED = 3
"""Fields that are tried as marks."""


def proven(session: Session, method: Method) -> str | None:
    """A field whose value a request alone on a stream gets back, in one reply; None for none.

    A number whose name does not say that it tells messages apart could be a sum or an extreme: of
    it each of three requests has to get its own back, in whichever order.
    """
    for mark in candidates(method):
        told_apart = _is_text(method, mark) or names.is_ordinal(mark)
        if all(_echoed(session, method, mark, n) for n in ((1,) if told_apart else (1, 3))):
            return mark
    return None


def _echoed(session: Session, method: Method, mark: str, count: int) -> bool:
    rising = sorted(marked(session, method, mark, count), key=lambda one: getattr(one, mark))
    requests = rising[1:] + rising[:1]
    x = session.call(method, *requests) if requests else None
    got = marks(list(x.replies()), mark) if x is not None else ()
    return bool(requests) and sorted(got) == sorted(marks(requests, mark))


def candidates(method: Method) -> list[str]:
    """A few texts, then integers, that requests and replies have under one name."""
    theirs = method.gives.fields_by_name
    shared = [
        field
        for field in method.takes.fields
        if (other := theirs.get(field.name)) is not None
        if is_plain(field) and is_plain(other) and other.type == field.type
    ]
    texts = [f.name for f in shared if f.type == FieldDescriptor.TYPE_STRING]
    numbers = [f.name for f in shared if f.cpp_type in INTEGERS]
    numbers.sort(key=lambda name: not names.is_ordinal(name))
    return [*texts, *numbers][:_TRIED]


def _is_text(method: Method, mark: str) -> bool:
    return bool(method.takes.fields_by_name[mark].type == FieldDescriptor.TYPE_STRING)


def marked(session: Session, method: Method, mark: str, count: int) -> list[Message]:
    """Requests of which each holds another value in its field *mark*; none if rules forbid."""
    return with_marks(session, mark, [session.base(method) for _ in range(count)])


def with_marks(session: Session, mark: str, requests: list[Any]) -> list[Message]:
    """The *requests*, another value in the field *mark* of each; none where rules forbid it."""
    for request in requests:
        field = request.DESCRIPTOR.fields_by_name[mark]
        text = field.type == FieldDescriptor.TYPE_STRING
        values = [session.fresh.token()] if text else session.fresh.number(field.type)
        for value in values:
            setattr(request, mark, value)
            if text or session.requests.keeps(request):
                break
        else:
            return []
    return requests


def marks(messages: list[Message], mark: str) -> tuple[str, ...]:
    """The values in the field *mark*, in order, as texts."""
    return tuple(str(getattr(message, mark)) for message in messages)
