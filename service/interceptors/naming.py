"""Each call gets a name, and a place where the layers write down what they learn of it."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING, Any

from service.current import ARRIVED, CURRENT, Current, Metadata, Method
from service.interceptors.handlers import Call, Context, Handler, wrapped
from service.interceptors.recovery import REQUEST_ID

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

VISIBLE = re.compile(r"[\x21-\x7e]{1,128}")


class Naming:
    """Takes the client's x-request-id, or makes one up; returns it in the trailers."""

    def wrap(self, handler: Handler, method: Method) -> Handler:
        def naming(call: Call, handler: Handler) -> Call:  # noqa: ARG001
            def named(request: Any, context: Context) -> Awaitable[Any]:
                began, arrived = ARRIVED.get()
                metadata = first_of_each(arrived)
                asked = metadata.get(REQUEST_ID)
                name = _name(asked)
                CURRENT.set(Current(method, metadata, context.peer, name, began))
                context.set_trailing_metadata(((REQUEST_ID, name),))
                return call(request, context)

            return named

        return wrapped(handler, naming)


def first_of_each(metadata: Sequence[tuple[str, str | bytes]]) -> Metadata:
    """Metadata by key; the first of several values counts."""
    return dict(reversed(metadata))


def _name(asked: str | bytes | None) -> str:
    if isinstance(asked, str) and VISIBLE.fullmatch(asked):
        return asked
    return f"{random.getrandbits(128):032x}"
