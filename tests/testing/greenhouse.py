"""A greenhouse without annotations or house style; a fault is a subclass."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from itertools import count
from typing import Any

from tests.testing.shapes import Code, Shape

_ORDERS = ("", "bed_id", "title", "area")
_MOST = 50
"""Beds of a page."""
_LONGEST = 10**9 * 86_400
"""Nanoseconds that readings take together, at most."""


class Greenhouse(Shape):
    """Beds in pages that say how many follow, plants that move, and readings in streams."""

    file, service = "greenhouse", "Greenhouse"

    def __init__(self) -> None:
        self.beds: dict[str, Any] = {}
        self.plants: dict[str, Any] = {}
        self.gates: Counter[str] = Counter()
        self.ids = count(1)
        self.lock = threading.RLock()

    def copy(self, message: Any) -> Any:
        copy = type(message)()
        copy.CopyFrom(message)
        return copy

    def known(self, things: dict[str, Any], id_: str, context: Any) -> Any:
        if id_ not in things:
            context.abort(Code.NOT_FOUND, "there is no such thing")
        return things[id_]

    def stored(self, bed: Any) -> Any:
        """What is kept of a bed."""
        return self.copy(bed)

    def create_bed(self, request: Any, context: Any) -> Any:
        if not request.bed.title or request.bed.area < 0:
            context.abort(Code.INVALID_ARGUMENT, "a title, and an area that is not negative")
        with self.lock:
            bed = self.stored(request.bed)
            bed.bed_id = f"bed-{next(self.ids)}"
            bed.create_time.GetCurrentTime()
            bed.litres_given = 0
            for row in bed.rows:
                row.row_id = f"row-{next(self.ids)}"
            self.beds[bed.bed_id] = bed
            return self.copy(bed)

    def get_bed(self, request: Any, context: Any) -> Any:
        with self.lock:
            return self.copy(self.known(self.beds, request.bed_id, context))

    def wanted(self, request: Any) -> list[Any]:
        """The beds of the whole list."""
        return [
            bed
            for bed in self.beds.values()
            if request.soil in (0, bed.soil)
            and (not request.HasField("shaded") or request.shaded == bed.shaded)
        ]

    def ordered(self, beds: list[Any], name: str, *, descending: bool) -> list[Any]:
        def key(bed: Any) -> Any:
            return getattr(bed, name) if name else 0

        return sorted(beds, key=key, reverse=descending)

    def list_beds(self, request: Any, context: Any) -> Any:
        name, _, way = request.order_by.partition(" ")
        if (
            name not in _ORDERS
            or way not in ("", "desc")
            or min(request.page, request.per_page) < 0
        ):
            context.abort(Code.INVALID_ARGUMENT, "no such page or order")
        size = min(request.per_page or 20, _MOST)
        start = (max(request.page, 1) - 1) * size
        with self.lock:
            wanted = self.ordered(self.wanted(request), name, descending=way == "desc")
            reply = self.kind("ListBedsReply")(beds=wanted[start : start + size])
        self.told(reply, len(wanted), start, size)
        return reply

    def browse_beds(self, request: Any, context: Any) -> Iterator[Any]:
        del request, context
        with self.lock:
            beds = [self.copy(bed) for bed in self.beds.values()]
        yield from beds

    def told(self, reply: Any, total: int, start: int, size: int) -> None:
        """What a page tells of the whole list."""
        reply.total, reply.total_pages = total, -(-total // size)
        reply.has_more = start + size < total

    def update_bed(self, request: Any, context: Any) -> Any:
        with self.lock:
            bed = self.known(self.beds, request.bed_id, context)
            if (request.HasField("title") and not request.title) or request.area < 0:
                context.abort(Code.INVALID_ARGUMENT, "a title, and an area that is not negative")
            for name in ("title", "area"):
                if request.HasField(name):
                    setattr(bed, name, getattr(request, name))
            return self.copy(bed)

    def remove_row(self, request: Any, context: Any) -> Any:
        with self.lock:
            bed = self.known(self.beds, request.bed_id, context)
            ids = [row.row_id for row in bed.rows]
            if request.row_id not in ids:
                context.abort(Code.NOT_FOUND, "there is no such row")
            self.taken_out(bed, ids.index(request.row_id))
            return self.copy(bed)

    def watch_rows(self, request: Any, context: Any) -> Iterator[Any]:
        for place, row in enumerate(self.known(self.beds, request.bed_id, context).rows):
            yield self.kind("RowTold")(place=place, row=row)

    def taken_out(self, bed: Any, at: int) -> None:
        del bed.rows[at]

    def batch_get_beds(self, request: Any, context: Any) -> Any:
        del context
        reply = self.kind("BatchGetBedsReply")()
        with self.lock:
            for id_ in request.bed_ids:
                if id_ in self.beds:
                    reply.beds[id_].CopyFrom(self.beds[id_])
                else:
                    reply.missing.append(id_)
        return reply

    def create_plant(self, request: Any, context: Any) -> Any:
        with self.lock:
            self.known(self.beds, request.bed_id, context)
            if not request.species:
                context.abort(Code.INVALID_ARGUMENT, "species is required")
            plant = self.kind("Plant")(plant_id=f"plant-{next(self.ids)}", bed_id=request.bed_id)
            plant.species = request.species
            self.plants[plant.plant_id] = plant
            return self.copy(plant)

    def get_plant(self, request: Any, context: Any) -> Any:
        with self.lock:
            return self.copy(self.known(self.plants, request.plant_id, context))

    def revised(self, plant: Any, request: Any) -> None:
        """Change what the mask names."""
        for name in request.fields.paths:
            setattr(plant, name, getattr(request.plant, name))

    def revise_plant(self, request: Any, context: Any) -> Any:
        with self.lock:
            plant = self.known(self.plants, request.plant_id, context)
            if not request.fields.paths or {*request.fields.paths} - {"species", "note"}:
                context.abort(Code.INVALID_ARGUMENT, "fields: species and note can be revised")
            if "species" in request.fields.paths and not request.plant.species:
                context.abort(Code.INVALID_ARGUMENT, "species is required")
            self.revised(plant, request)
            return self.copy(plant)

    def move_plant(self, request: Any, context: Any) -> Any:
        with self.lock:
            plant = self.known(self.plants, request.plant_id, context)
            self.known(self.beds, request.bed_id, context)
            plant.bed_id = request.bed_id
            return self.copy(plant)

    def water(self, request: Any, context: Any) -> Any:
        if not 0 < request.litres < 2**40:
            context.abort(Code.INVALID_ARGUMENT, "litres is out of range")
        with self.lock:
            bed = self.known(self.beds, request.bed_id, context)
            bed.litres_given += self.given(request.litres)
            return self.kind("Watered")(bed_id=bed.bed_id, litres_given=bed.litres_given)

    def given(self, litres: int) -> int:
        return litres

    def open_gate(self, request: Any, context: Any) -> Any:
        del context
        return self.kind("GateOpened")(times=self.opened(request.gate))

    def opened(self, gate: str) -> int:
        """Count that a gate was opened."""
        with self.lock:
            self.gates[gate] += 1
            return self.gates[gate]

    def stream_readings(self, request: Any, context: Any) -> Iterator[Any]:
        self.known(self.beds, request.bed_id, context)
        if not 0 <= request.count <= 1000:
            context.abort(Code.INVALID_ARGUMENT, "count is out of range")
        for _ in range(request.count or 5):
            yield self.kind("Reading")(sensor=request.bed_id, degrees=20)

    def record_readings(self, requests: Any, context: Any) -> Any:
        del context
        reply = self.kind("Recorded")()
        for reading in requests:
            self.record(reply, reading)
        return reply

    def record(self, reply: Any, reading: Any) -> None:
        reply.reading_count += 1
        reply.by_sensor[reading.sensor] += 1
        reply.latest_by_sensor[reading.sensor] = reading.degrees
        reply.degrees = max(reply.degrees, reading.degrees)
        self.lasting(reply.total_lasted, reading.lasted)

    def lasting(self, total: Any, lasted: Any) -> None:
        """Add how long a reading took."""
        nanos = (total.seconds + lasted.seconds) * 10**9 + total.nanos + lasted.nanos
        total.FromNanoseconds(max(min(nanos, _LONGEST), -_LONGEST))
