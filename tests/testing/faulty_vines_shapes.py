"""Vineyards with a fault each, in what is kept of a row and how rows are listed."""

from __future__ import annotations

from typing import Any

from tests.testing.shapes import Code
from tests.testing.vines_shapes import Vines


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
