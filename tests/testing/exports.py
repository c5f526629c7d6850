"""Exports that take their time, as google.longrunning.Operations; a fault is a subclass."""

from __future__ import annotations

from itertools import count
from typing import Any

from tests.testing.shapes import Code, Shape, schema

_ASKED = 2
"""How often an operation is asked for until it is done."""


class Exports(Shape):
    """Each operation is done when it is asked for the second time, and stays so."""

    file, service = "exports", "Exports"

    def __init__(self) -> None:
        self.operations: dict[str, Any] = {}
        self.asked: dict[str, int] = {}
        self.ids = count(1)

    def begun(self, operation: Any) -> None:
        self.operations[operation.name] = operation

    def start_export(self, request: Any, context: Any) -> Any:
        del request, context
        operation: Any = schema(self.file).message_class("google.longrunning.Operation")()
        operation.name = f"operations/{next(self.ids)}"
        operation.metadata.Pack(self.kind("ExportProgress")(percent=1))
        self.begun(operation)
        return operation

    def finish(self, operation: Any) -> None:
        operation.done = True
        operation.response.Pack(self.kind("ExportReport")(rows=3))

    def get_operation(self, request: Any, context: Any) -> Any:
        operation = self.operations.get(request.name)
        if operation is None:
            context.abort(Code.NOT_FOUND, "no such operation")
        self.asked[request.name] = self.asked.get(request.name, 0) + 1
        if self.asked[request.name] == _ASKED:
            self.finish(operation)
        return operation


class Oblivious(Exports):
    """Remembers no operation."""

    def begun(self, operation: Any) -> None:
        del operation


class Empty(Exports):
    """Is done, and has nothing to show for it."""

    def finish(self, operation: Any) -> None:
        operation.done = True


class Mistaken(Exports):
    """Packs what it measures its progress by."""

    def finish(self, operation: Any) -> None:
        operation.done = True
        operation.response.Pack(self.kind("ExportProgress")(percent=100))


class Restless(Exports):
    """Counts once more whenever it is asked."""

    def get_operation(self, request: Any, context: Any) -> Any:
        operation = super().get_operation(request, context)
        if operation.done:
            operation.response.Pack(self.kind("ExportReport")(rows=next(self.ids)))
        return operation
