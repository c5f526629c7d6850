"""Services whose promises are few: forms on a desk, boxes in a safe; a fault is a subclass."""

from __future__ import annotations

import threading
from typing import Any

from tests.testing.shapes import Code, Shape
from tests.testing.vault import bearer

NAMES = {"caller": "ada", "other caller": "bob"}
"""How the safe knows its callers."""


class Desk(Shape):
    """Keeps forms under names that callers choose."""

    file, service = "depot", "Desk"

    def __init__(self) -> None:
        self.forms: dict[str, Any] = {}
        self.keys: dict[str, tuple[bytes, str]] = {}
        self.lock = threading.RLock()

    def asked(self, form: Any, context: Any) -> None:
        """What the schema requires, though no rule does."""
        if not form.title:
            context.abort(Code.INVALID_ARGUMENT, "form.title: required")

    def known(self, request: Any, context: Any) -> Any:
        """What the request's key has made before."""
        payload, id_ = self.keys.get(request.request_id, (b"", ""))
        if request.request_id and id_:
            if payload != request.SerializeToString(deterministic=True):
                context.abort(Code.INVALID_ARGUMENT, "request_id: used for another request")
            return self.forms[id_]
        return None

    def create_form(self, request: Any, context: Any) -> Any:
        with self.lock:
            self.asked(request.form, context)
            if (before := self.known(request, context)) is not None:
                return before
            form = self.kind("Form")()
            form.CopyFrom(request.form)
            form.id = form.id or f"f-{len(self.forms)}"
            if form.id in self.forms:
                context.abort(Code.ALREADY_EXISTS, "taken")
            if not request.validate_only:
                self.forms[form.id] = form
                key = request.SerializeToString(deterministic=True), form.id
                self.keys[request.request_id] = key
            return form

    def found(self, id_: str, context: Any) -> Any:
        if id_ not in self.forms:
            context.abort(Code.NOT_FOUND, "no such form")
        return self.forms[id_]

    def get_form(self, request: Any, context: Any) -> Any:
        return self.found(request.id, context)

    def fixed(self, old: Any, new: Any, context: Any) -> None:
        """A series never changes."""
        if old.series != new.series:
            context.abort(Code.INVALID_ARGUMENT, "form.series: it never changes")

    def update_form(self, request: Any, context: Any) -> Any:
        with self.lock:
            old = self.found(request.form.id, context)
            new = type(old)()
            new.CopyFrom(old)
            paths = list(request.update_mask.paths)
            for path in paths or [field.name for field, _ in request.form.ListFields()]:
                if path not in old.DESCRIPTOR.fields_by_name:
                    context.abort(Code.INVALID_ARGUMENT, f"update_mask: {path}")
                setattr(new, path, getattr(request.form, path))
            self.fixed(old, new, context)
            self.asked(new, context)
            self.forms[new.id] = new
            return new

    def count(self, request: Any, context: Any) -> Any:
        del context
        for number in range(request.to):
            yield self.kind("Number")(number=number)


class Safe(Shape):
    """Keeps boxes, each for the caller who holds it."""

    file, service = "depot", "Safe"

    def __init__(self) -> None:
        self.boxes: dict[str, Any] = {}

    def caller(self, context: Any) -> str:
        proof = dict(context.invocation_metadata()).get("authorization", "")
        for name in NAMES.values():
            if bearer(name) == f"authorization: {proof}":
                return name
        context.abort(Code.UNAUTHENTICATED, "who are you?")
        return ""

    def create_box(self, request: Any, context: Any) -> Any:
        if request.box.holder != self.caller(context):
            context.abort(Code.PERMISSION_DENIED, "only for yourself")
        box = self.kind("Box")()
        box.CopyFrom(request.box)
        box.id = f"b-{len(self.boxes)}"
        self.boxes[box.id] = box
        return box

    def get_box(self, request: Any, context: Any) -> Any:
        caller, box = self.caller(context), self.boxes.get(request.id)
        if box is None or box.holder != caller:
            context.abort(Code.PERMISSION_DENIED, "not yours")
        return box
