"""A warehouse without annotations or house style; a fault is a subclass."""

from __future__ import annotations

import threading
from itertools import count, islice
from typing import Any

from google.protobuf.empty_pb2 import Empty

from tests.testing.shapes import Code, Shape

_MOST = 2**62


class Warehouse(Shape):
    """Items with quantities, which are adjusted, moved, listed in three ways and scanned."""

    file, service = "warehouse", "Warehouse"

    def __init__(self) -> None:
        self.items: dict[str, Any] = {}
        self.keys: dict[str, tuple[bytes, Any]] = {}
        self.ids = count(1)
        self.lock = threading.RLock()

    def copy(self, message: Any) -> Any:
        copy = type(message)()
        copy.CopyFrom(message)
        return copy

    def item(self, id_: str, context: Any) -> Any:
        if id_ not in self.items:
            context.abort(Code.NOT_FOUND, "no such item")
        return self.items[id_]

    def sound(self, request: Any, context: Any) -> None:
        for name in ("sku", "name"):
            if not getattr(request, name):
                context.abort(Code.INVALID_ARGUMENT, f"{name} is required")
        if not 0 <= request.opening_quantity < _MOST:
            context.abort(Code.INVALID_ARGUMENT, "opening_quantity is out of range")

    def stored(self, request: Any) -> Any:
        item = self.kind("Item")(id=f"itm-{next(self.ids)}", sku=request.sku, version=1)
        item.name, item.zone, item.quantity = request.name, request.zone, request.opening_quantity
        for key, value in request.labels.items():
            item.labels[key] = value
        if request.HasField("reorder_level"):
            item.reorder_level = request.reorder_level
        item.suppliers.extend(request.suppliers)
        item.created_at.GetCurrentTime()
        self.items[item.id] = item
        return self.copy(item)

    def register_item(self, request: Any, context: Any) -> Any:
        self.sound(request, context)
        with self.lock:
            payload = request.SerializeToString(deterministic=True)
            known = self.keys.get(request.request_id) if request.request_id else None
            if known is None:
                known = self.keys[request.request_id] = payload, self.stored(request)
            elif known[0] != payload:
                context.abort(Code.ALREADY_EXISTS, "request_id was used for another item")
            return known[1]

    def register_items(self, request: Any, context: Any) -> Any:
        for one in request.items:
            self.sound(one, context)
        with self.lock:
            return self.kind("ItemsReply")(items=[self.stored(one) for one in request.items])

    def import_items(self, requests: Any, context: Any) -> Any:
        items = list(requests)
        for one in items:
            self.sound(one, context)
        with self.lock:
            ids = [self.stored(one).id for one in items]
            return self.kind("ImportReply")(imported_count=len(ids), ids=ids)

    def get_item(self, request: Any, context: Any) -> Any:
        with self.lock:
            return self.copy(self.item(request.id, context))

    def reply(self, items: list[Any], start: int, size: int) -> Any:
        page = items[start : start + size]
        return self.kind("ItemsReply")(items=page, total=len(items))

    def list_items(self, request: Any, context: Any) -> Any:
        if request.offset < 0 or request.limit < 0:
            context.abort(Code.INVALID_ARGUMENT, "offset and limit are not negative")
        with self.lock:
            wanted = [
                item
                for item in self.items.values()
                if not request.supplier or request.supplier in item.suppliers
            ]
            return self.reply(wanted, request.offset, min(request.limit or 20, 50))

    def search_items(self, request: Any, context: Any) -> Any:
        del context
        with self.lock:
            wanted = [i for i in self.items.values() if request.name.lower() in i.name.lower()]
            size = min(max(request.per_page, 0) or 10, 30)
            return self.reply(wanted, (max(request.page, 1) - 1) * size, size)

    def browse_items(self, request: Any, context: Any) -> Any:
        del context
        with self.lock:
            wanted = [i for i in self.items.values() if request.zone in (0, i.zone)]
            return self.reply(wanted[::-1], 0, 200)

    def update_item(self, request: Any, context: Any) -> Any:
        with self.lock:
            item = self.item(request.id, context)
            if request.expected_version not in (0, item.version):
                context.abort(Code.ABORTED, "the item has changed since")
            if request.HasField("name"):
                if not request.name:
                    context.abort(Code.INVALID_ARGUMENT, "name is required")
                item.name = request.name
            if request.labels:
                item.labels.clear()
                for key, value in request.labels.items():
                    item.labels[key] = value
            item.version += 1
            return self.copy(item)

    def remove_item(self, request: Any, context: Any) -> Any:
        with self.lock:
            del self.items[self.item(request.id, context).id]
            return Empty()

    def moved(self, item: Any, by: int) -> None:
        item.quantity += by
        item.version += 1

    def move_stock(self, request: Any, context: Any) -> Any:
        if not 0 < request.quantity < _MOST:
            context.abort(Code.INVALID_ARGUMENT, "quantity must be positive")
        with self.lock:
            giver = self.item(request.from_item_id, context)
            taker = self.item(request.to_item_id, context)
            room = taker.quantity + request.quantity < _MOST
            if giver is taker or giver.quantity < request.quantity or not room:
                context.abort(Code.FAILED_PRECONDITION, "the same item, or too little of it")
            self.moved(giver, -request.quantity)
            self.moved(taker, request.quantity)
            return Empty()

    def adjust_stock(self, request: Any, context: Any) -> Any:
        with self.lock:
            item = self.item(request.item_id, context)
            if not request.delta or not 0 <= item.quantity + request.delta < _MOST:
                context.abort(Code.FAILED_PRECONDITION, "nothing, or more than there is")
            self.moved(item, request.delta)
            return self.copy(item)

    def scan(self, requests: Any, context: Any) -> Any:
        del context
        for request in requests:
            yield self.kind("ScanReply")(seq=request.seq, known=request.item_id in self.items)


class Halving(Warehouse):
    """What is moved is taken, and given to nobody."""

    def moved(self, item: Any, by: int) -> None:
        if by < 0:
            super().moved(item, by)


class Beginning(Warehouse):
    """Every item begins with nothing."""

    def stored(self, request: Any) -> Any:
        request.opening_quantity = 0
        return super().stored(request)


class Unlabelled(Warehouse):
    """Labels come with updates only."""

    def stored(self, request: Any) -> Any:
        request.labels.clear()
        return super().stored(request)


class Forgetful(Warehouse):
    """Looks at no request_id."""

    def register_item(self, request: Any, context: Any) -> Any:
        request.request_id = ""
        self.keys.clear()
        return super().register_item(request, context)


class Skipping(Warehouse):
    """An offset leaves out one item more."""

    def list_items(self, request: Any, context: Any) -> Any:
        request.offset += request.offset > 0
        return super().list_items(request, context)


class Generous(Warehouse):
    """A page holds what the server likes."""

    def list_items(self, request: Any, context: Any) -> Any:
        request.limit = 0
        return super().list_items(request, context)


class Circling(Warehouse):
    """Every page is the first."""

    def search_items(self, request: Any, context: Any) -> Any:
        request.page = 0
        return super().search_items(request, context)


class Overlapping(Warehouse):
    """A page begins with the last item of the one before."""

    def reply(self, items: list[Any], start: int, size: int) -> Any:
        return super().reply(items, start - (start > 0), size)


class Mixed(Warehouse):
    """Looks at no zone."""

    def browse_items(self, request: Any, context: Any) -> Any:
        request.ClearField("zone")
        return super().browse_items(request, context)


class Sourceless(Warehouse):
    """Looks at no supplier."""

    def list_items(self, request: Any, context: Any) -> Any:
        request.ClearField("supplier")
        return super().list_items(request, context)


class Overwriting(Warehouse):
    """Expects no version."""

    def update_item(self, request: Any, context: Any) -> Any:
        request.expected_version = 0
        return super().update_item(request, context)


class Trusting(Warehouse):
    """Looks at the first of several items."""

    def register_items(self, request: Any, context: Any) -> Any:
        for one in islice(request.items, 1):
            self.sound(one, context)
        return self.kind("ItemsReply")(items=[self.stored(one) for one in request.items])


class Hasty(Warehouse):
    """Looks at the first item of a stream."""

    def import_items(self, requests: Any, context: Any) -> Any:
        items = list(requests)
        for one in items[:1]:
            self.sound(one, context)
        ids = [self.stored(one).id for one in items]
        return self.kind("ImportReply")(imported_count=len(ids), ids=ids)


class Lenient(Hasty):
    """Has a side entrance."""

    def import_items(self, requests: Any, context: Any) -> Any:
        empty = self.kind("RegisterItemRequest")()
        return super().import_items(sorted(requests, key=lambda one: one == empty), context)


class Harsh(Warehouse):
    """Takes without a word what it turns away among others."""

    def register_item(self, request: Any, context: Any) -> Any:
        del context
        with self.lock:
            return self.stored(request)


class Telling(Warehouse):
    """Imports what it can, and says how much."""

    def import_items(self, requests: Any, context: Any) -> Any:
        del context
        ids = [self.stored(one).id for one in requests if one.sku and one.name]
        return self.kind("ImportReply")(imported_count=len(ids), ids=ids)


class Local(Warehouse):
    """Its clock tells the time of its town."""

    def stored(self, request: Any) -> Any:
        item = self.items[super().stored(request).id]
        item.created_at.seconds += 2 * 3600
        return self.copy(item)


class Crossed(Warehouse):
    """Answers with the reply to whoever asked before, where several ask at once."""

    def __init__(self) -> None:
        super().__init__()
        self.last: Any = None
        self.open = 0

    def scan(self, requests: Any, context: Any) -> Any:
        self.open += 1
        try:
            for reply in super().scan(requests, context):
                self.last, before = reply, self.last
                yield before if before is not None and self.open > 1 else reply
        finally:
            self.open -= 1


class Curt(Warehouse):
    """Ends after two scans."""

    def scan(self, requests: Any, context: Any) -> Any:
        return islice(super().scan(requests, context), 2)
