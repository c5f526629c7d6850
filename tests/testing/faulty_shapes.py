"""Servers with a fault each, in what they keep and whom they let see it."""

from __future__ import annotations

from typing import Any

from tests.testing.depot import Desk, Safe
from tests.testing.plain_shapes import Desk as Tickets
from tests.testing.shapes import Code
from tests.testing.vault import Vault
from tests.testing.zoo import Zoo, refuse


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


class Hyphenless(Desk):
    """Takes fewer names for forms than its schema says."""

    def create_form(self, request, context):
        if "-" in request.form.id:
            context.abort(Code.INVALID_ARGUMENT, "form.id: no hyphens")
        return super().create_form(request, context)


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


class Unlocked(Safe):
    """Every caller opens every box."""

    def get_box(self, request, context):
        self.caller(context)
        if request.id not in self.boxes:
            context.abort(Code.PERMISSION_DENIED, "not yours")
        return self.boxes[request.id]


class Blanking(Tickets):
    """Takes what a change leaves out for empty."""

    service = "Desk"

    def change_ticket(self, request, context):
        ticket = self.read_ticket(request, context)
        ticket.subject, ticket.urgency = request.subject, request.urgency
        return ticket
