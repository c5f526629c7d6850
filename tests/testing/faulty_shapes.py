"""A faulty server for each check that the other tests of faults leave out."""

from __future__ import annotations

import threading
import time
from typing import Any

import grpc

from tests.testing.chat import Chat
from tests.testing.depot import Desk, Safe
from tests.testing.handmade import INTERNAL, NOT_FOUND, Bell, Refused
from tests.testing.plain_shapes import Bureau, Vines
from tests.testing.plain_shapes import Desk as Tickets
from tests.testing.shapes import Code
from tests.testing.test_pace_trials import Polite
from tests.testing.vault import Vault
from tests.testing.zoo import Zoo, refuse

_LIMIT = 4 * 1024 * 1024


class Unnamed(Zoo):
    """Errors come with words alone."""

    def _of(self, tag: int, context: Any) -> Any:
        if tag not in self.beasts:
            context.abort(Code.NOT_FOUND, "no such beast")
        return self.beasts[tag]


class Backwards(Zoo):
    """A page of minus one is a page of all."""

    def search_beasts(self, request, context):
        request.limit = max(request.limit, 0)
        return super().search_beasts(request, context)


class Kindless(Zoo):
    """What kind of beast it is, is lost."""

    def add_beast(self, request, context):
        request.beast.kind = ""
        return super().add_beast(request, context)


class Patient(Zoo):
    """A beast that was removed is removed again, as often as anybody likes."""

    def __init__(self, known):
        super().__init__(known)
        self.removed: set[int] = set()

    def remove_beast(self, request, context):
        if request.tag in self.removed:
            return self.kinds["Done"]()
        self.removed.add(request.tag)
        return super().remove_beast(request, context)


class Shy(Vault):
    """Nobody who is unknown may list, and nobody is told why."""

    def caller(self, method, context):
        if method == "ListNotes" and not dict(context.invocation_metadata()).get("authorization"):
            refuse(context, Code.PERMISSION_DENIED, "you may not")
        return super().caller(method, context)


class Undemanding(Desk):
    """A form needs no title."""

    def asked(self, form, context):
        del form, context


class Forgetful(Desk):
    """A key is remembered for the request that it came with."""

    def known(self, request, context):
        payload, _ = self.keys.get(request.request_id, (b"", ""))
        same = payload == request.SerializeToString(deterministic=True)
        return super().known(request, context) if same else None


class Hasty(Desk):
    """A dry run files the form."""

    def create_form(self, request, context):
        request.validate_only = False
        return super().create_form(request, context)


class Serial(Desk):
    """A form moves from series to series."""

    def fixed(self, old, new, context):
        del old, new, context


class Vague(Desk):
    """A form stays in its series, and the caller is told that it broke."""

    def fixed(self, old, new, context):
        if old.series != new.series:
            context.abort(Code.NOT_FOUND, "no such series")


class Stamping(Desk):
    """Each update makes a copy more."""

    def update_form(self, request, context):
        form = super().update_form(request, context)
        form.copies += 1
        return form


class Copying(Desk):
    """Each look at a form makes a thousand copies."""

    def get_form(self, request, context):
        form = self.kind("Form")()
        form.CopyFrom(super().get_form(request, context))
        form.copies += 1000
        return form


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


class Open(Safe):
    """Who asks for a box, and is nobody, gets it."""

    def get_box(self, request, context):
        if dict(context.invocation_metadata()).get("authorization"):
            return super().get_box(request, context)
        return self.boxes.get(request.id) or self.kind("Box")()


class Telling(Safe):
    """Who may not ask learns which boxes there are."""

    def get_box(self, request, context):
        self.caller(context)
        if request.id not in self.boxes:
            context.abort(Code.NOT_FOUND, "no such box")
        return super().get_box(request, context)


_DELAY = 0.3
"""Seconds after which a polite chat wants to be asked again."""


class Unlocked(Safe):
    """Every caller opens every box."""

    def get_box(self, request, context):
        self.caller(context)
        if request.id not in self.boxes:
            context.abort(Code.PERMISSION_DENIED, "not yours")
        return self.boxes[request.id]


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
        self.lock = threading.Lock()
        self.refused: float | None = None

    def ask(self, payload, context):
        with self.lock:
            back = self.refused is not None and time.monotonic() - self.refused >= _DELAY
            self.refused = None if back else self.refused
        if back:
            super().refuse(context)
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


class Shifty(Vines):
    """Tells another grape than it told before."""

    service = "Vines"

    def get_row(self, request, context):
        row = self.kind("Row")()
        row.CopyFrom(super().get_row(request, context))
        row.grape = row.grape[::-1] + "?"
        return row


class Clinging(Vines):
    """Deletes nothing."""

    service = "Vines"

    def delete_row(self, request, context):
        kept = dict(self.rows)
        done = super().delete_row(request, context)
        self.rows = kept
        return done


class Stuttering(Vines):
    """A page begins with the last row of the one before."""

    service = "Vines"

    def list_rows(self, request, context):
        if request.page_token not in ("", "0"):
            request.page_token = str(int(request.page_token) - 1)
        return super().list_rows(request, context)


class Boastful(Vines):
    """Answers an update as it was asked, and writes something else."""

    service = "Vines"

    def update_row(self, request, context):
        told = super().update_row(request, context)
        self.rows[told.name] = kept = self.kind("Row")()
        kept.CopyFrom(told)
        kept.grape = f"{told.grape} (sic)"
        return told


class Haunted(Vines):
    """Lists the rows that are gone."""

    service = "Vines"

    def __init__(self) -> None:
        super().__init__()
        self.ghosts: list[Any] = []

    def delete_row(self, request, context):
        self.ghosts.append(self.get_row(request, context))
        return super().delete_row(request, context)

    def list_rows(self, request, context):
        reply = super().list_rows(request, context)
        if not reply.next_page_token:
            reply.rows.extend(self.ghosts)
        return reply


class Indiscriminate(Vines):
    """Takes a slope, and lists every row."""

    service = "Vines"

    def list_rows(self, request, context):
        request.ClearField("slope")
        return super().list_rows(request, context)


class Rounding(Vines):
    """Keeps its numbers as JavaScript does."""

    service = "Vines"

    def create_row(self, request, context):
        row = super().create_row(request, context)
        row.bottles = max(min(int(float(row.bottles)), 2**63 - 1), -(2**63))
        return row


class Wireless(Vines):
    """Forgets one of the two ways of support."""

    service = "Vines"

    def create_row(self, request, context):
        row = super().create_row(request, context)
        if row.WhichOneof("support") == "wire":
            row.ClearField("wire")
        return row


class Misled(Vines):
    """Finds a row by the last part of its name, wherever it stands."""

    service = "Vines"

    def get_row(self, request, context):
        last = request.name.rpartition("/")[2]
        found = (row for name, row in self.rows.items() if name.endswith(f"/{last}"))
        return next(found, None) or super().get_row(request, context)


class Repetitive(Vines):
    """Looks at no key, and finds another name where one is taken."""

    service = "Vines"

    def create_row(self, request, context):
        request.idempotency_key = ""
        if f"{request.parent}/rows/{request.row_id}" in self.rows:
            request.row_id = f"{request.row_id[:30]}-{len(self.rows)}"
        return super().create_row(request, context)


class Careless(Vines):
    """Plants over what stands there."""

    service = "Vines"

    def create_row(self, request, context):
        self.rows.pop(f"{request.parent}/rows/{request.row_id}", None)
        return super().create_row(request, context)


class Hollow(Vines):
    """A row that nobody planted is a row with nothing in it."""

    service = "Vines"

    def get_row(self, request, context):
        known = self.rows.get(request.name)
        return self.kind("Row")() if known is None else known


class Sprawling(Vines):
    """Lists the rows of every vineyard."""

    service = "Vines"

    def list_rows(self, request, context):
        known, wanted = self.vineyards, request.parent
        if wanted not in known:
            context.abort(Code.NOT_FOUND, "no such vineyard")
        size = request.page_size or 50
        start = int(request.page_token) if request.page_token.isdigit() else 0
        rows = [row for row in self.rows.values() if request.slope in (0, row.slope)]
        more = str(start + size) if start + size < len(rows) else ""
        page = rows[start : start + size]
        return self.kind("ListRowsReply")(rows=page, next_page_token=more)


class Shortsighted(Vines):
    """Takes the rows of a page for all."""

    service = "Vines"

    def list_rows(self, request, context):
        reply = super().list_rows(request, context)
        reply.total_size = len(reply.rows)
        return reply


class Circling(Vines):
    """Looks at no token."""

    service = "Vines"

    def list_rows(self, request, context):
        request.page_token = ""
        return super().list_rows(request, context)


class Blanking(Tickets):
    """Takes what a change leaves out for empty."""

    service = "Desk"

    def change_ticket(self, request, context):
        ticket = self.read_ticket(request, context)
        ticket.subject, ticket.urgency = request.subject, request.urgency
        return ticket


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
