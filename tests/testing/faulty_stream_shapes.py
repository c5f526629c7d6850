"""Servers with a fault each in streams, or in the calls themselves."""

from __future__ import annotations

import threading
import time

import grpc

from tests.testing.chat import Chat
from tests.testing.depot import Desk
from tests.testing.handmade import INTERNAL, NOT_FOUND, Bell, Refused
from tests.testing.shapes import Code
from tests.testing.stream_shapes import Bureau
from tests.testing.test_pace_trials import Polite

_LIMIT = 4 * 1024 * 1024
_DELAY = 0.3
"""Seconds after which a polite chat wants to be asked again."""


class Eager(Desk):
    """Counts before it knows how far."""

    unchecked = ("Count",)

    def count(self, request, context):
        yield self.kind("Number")(number=0)
        if not 0 <= request.to <= 9:
            context.abort(Code.INVALID_ARGUMENT, "to: 0 to 9")
        yield from super().count(request, context)


class Dozing(Desk):
    """Takes its time to refuse for the first time, and is never wrong."""

    unchecked = ("Count",)

    def __init__(self) -> None:
        super().__init__()
        self.awake = False

    def count(self, request, context):
        if not 0 <= request.to <= 9:
            if not self.awake:
                self.awake = True
                threading.Event().wait(1.0)
            context.abort(Code.INVALID_ARGUMENT, "to: 0 to 9")
        yield from super().count(request, context)


class Endless(Chat):
    """Goes on when everything is said."""

    def talk(self, payloads, context):
        yield from super().talk(payloads, context)
        rest = threading.Event()
        while context.is_active():
            yield self.kind("Line")(words="are you there?")
            rest.wait(0.05)


class Roomy(Chat):
    """Takes messages of up to 4 MiB, and counts them itself."""

    settings = (("grpc.max_receive_message_length", -1),)

    def line(self, payload, context):
        if len(payload) > _LIMIT:
            words = f"message of {len(payload)} bytes is larger than max ({_LIMIT})"
            context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, words)
        return super().line(payload, context)


class Wearied(Roomy):
    """Counts the first message of a stream only."""

    def store(self, payloads, context):
        self.line(next(payloads, b""), context)
        return self.kind("Count")(count=1 + sum(1 for _ in payloads))


class Grudging(Polite):
    """Takes three questions at a time; who comes back in time is refused once more."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: float | None = None

    def ask(self, payload, context):
        if self.refused is not None and time.monotonic() - self.refused >= _DELAY:
            self.refuse(context)
        return super().ask(payload, context)

    def refuse(self, context):
        self.refused = time.monotonic()
        super().refuse(context)


class Padded(Bell):
    """Binary metadata must be padded."""

    def binary(self, value):
        if len(value) % 4:
            raise Refused(INTERNAL)


class Mortal(Bell):
    """What it cannot read is its end."""

    def odd(self):
        self.listener.close()


class Timeless(Bell):
    """Deadlines are its callers' affair."""

    def timeout(self, value):
        del value
        return 0.0


class Twofold(Bell):
    """Where nothing is to be said, that is said twice."""

    def ring(self, request):
        if not request.words:
            raise Refused(NOT_FOUND, *super().ring(request) * 2)
        return super().ring(request)


class Shortchanging(Bureau):
    """Loses the last of several coins."""

    service = "Bureau"

    def count_coins(self, requests, context):
        first, *others = list(requests) or [None]
        return super().count_coins([first, *others[:-1]] if first else [], context)


class Disdaining(Bureau):
    """Says nothing to a note of nothing."""

    service = "Bureau"

    def change(self, requests, context):
        return super().change((note for note in requests if note.units), context)
