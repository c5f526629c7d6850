"""A healthy service of things inside of things, in words of its own."""

from __future__ import annotations

import re
from typing import Any

from tests.testing.shapes import Code, Shape


class Vines(Shape):
    """Things inside of things, which are asked for by the whole path."""

    file = "plain"

    def __init__(self) -> None:
        self.vineyards: dict[str, Any] = {}
        self.rows: dict[str, Any] = {}
        self.keys: dict[str, Any] = {}

    def plant_vineyard(self, request, context):
        name = f"vineyards/v{len(self.vineyards) + 1}"
        self.vineyards[name] = self.kind("Vineyard")(name=name, title=request.vineyard.title)
        return self.vineyards[name]

    def create_row(self, request, context):
        self._parent(request, context)
        if not re.fullmatch("[a-z][a-z0-9-]{0,40}", request.row_id):
            context.abort(Code.INVALID_ARGUMENT, "row_id: small letters, digits and hyphens only")
        if request.idempotency_key in self.keys:
            return self.keys[request.idempotency_key]
        name = f"{request.parent}/rows/{request.row_id}"
        if name in self.rows:
            context.abort(Code.ALREADY_EXISTS, "there is such a row")
        row = self.kind("Row")()
        row.CopyFrom(request.row)
        row.name, row.harvested = name, False
        self.rows[name] = row
        if request.idempotency_key:
            self.keys[request.idempotency_key] = row
        return row

    def get_row(self, request, context):
        if not re.fullmatch("vineyards/[^/]+/rows/[^/]+", request.name):
            context.abort(Code.INVALID_ARGUMENT, "name is not vineyards/{vineyard}/rows/{row}")
        if request.name not in self.rows:
            context.abort(Code.NOT_FOUND, "no such row")
        return self.rows[request.name]

    def list_rows(self, request, context):
        self._parent(request, context)
        mine = (row for name, row in self.rows.items() if name.startswith(f"{request.parent}/"))
        rows = [row for row in mine if request.slope in (0, row.slope)]
        if request.page_size < 0 or not re.fullmatch("[0-9]*", request.page_token):
            context.abort(Code.INVALID_ARGUMENT, "page_size or page_token is none")
        start = int(request.page_token or 0)
        end = start + min(request.page_size or 10, 50)
        more = str(end) if end < len(rows) else ""
        reply = self.kind("ListRowsReply")(rows=rows[start:end], next_page_token=more)
        reply.total_size = len(rows)
        return reply

    def update_row(self, request, context):
        row = self.get_row(request.row, context)
        new = self.kind("Row")()
        new.CopyFrom(row)
        for path in request.update_mask.paths or [f.name for f, _ in request.row.ListFields()]:
            if path not in ("name", "grape", "harvested", "bottles", "slope", "wire", "trellis"):
                context.abort(Code.INVALID_ARGUMENT, f"update_mask: a row has no {path}")
            if path not in ("name", "harvested"):
                new.ClearField(path)
                if not request.row.DESCRIPTOR.fields_by_name[path].has_presence or (
                    request.row.HasField(path)
                ):
                    setattr(new, path, getattr(request.row, path))
        self.rows[row.name] = new
        return new

    def delete_row(self, request, context):
        from google.protobuf.empty_pb2 import Empty

        del self.rows[self.get_row(request, context).name]
        return Empty()

    def harvest(self, request, context):
        row = self.get_row(request, context)
        if row.harvested:
            context.abort(Code.FAILED_PRECONDITION, "it has been harvested")
        row.harvested = True
        return row

    def _parent(self, request: Any, context: Any) -> None:
        if request.parent not in self.vineyards:
            context.abort(Code.NOT_FOUND, "no such vineyard")
