"""Greenhouses with a fault each."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from tests.testing.greenhouse import Greenhouse
from tests.testing.meeting import Meeting


class Truncating(Greenhouse):
    """Counts full pages only."""

    def told(self, reply: Any, total: int, start: int, size: int) -> None:
        super().told(reply, total, start, size)
        reply.total_pages = total // size


class Promising(Greenhouse):
    """Says of every page that more follow."""

    def told(self, reply: Any, total: int, start: int, size: int) -> None:
        super().told(reply, total, start, size)
        reply.has_more = True


class Inflated(Greenhouse):
    """Counts one bed too many."""

    def told(self, reply: Any, total: int, start: int, size: int) -> None:
        super().told(reply, total, start, size)
        reply.total += 1


class Overlooking(Greenhouse):
    """Finds no bed of a soil."""

    def wanted(self, request: Any) -> list[Any]:
        return [] if request.soil else super().wanted(request)


class Ascending(Greenhouse):
    """Knows no descending order."""

    def ordered(self, beds: list[Any], name: str, *, descending: bool) -> list[Any]:
        del descending
        return super().ordered(beds, name, descending=False)


class Spelling(Greenhouse):
    """Orders numbers as texts."""

    def ordered(self, beds: list[Any], name: str, *, descending: bool) -> list[Any]:
        def key(bed: Any) -> str:
            return str(getattr(bed, name)) if name else ""

        return sorted(beds, key=key, reverse=descending)


class Curtailed(Greenhouse):
    """Forgets to send what is left at the end of a stream."""

    def browse_beds(self, request: Any, context: Any) -> Iterator[Any]:
        for bed, _ in pairwise(super().browse_beds(request, context)):
            yield bed


class Clipped(Greenhouse):
    """Lists all beds but the last."""

    def wanted(self, request: Any) -> list[Any]:
        beds = super().wanted(request)
        return beds if request.soil or request.HasField("shaded") else beds[:-1]


class Hedged(Greenhouse):
    """Tells of all rows but the last."""

    def watch_rows(self, request: Any, context: Any) -> Iterator[Any]:
        for row, _ in pairwise(super().watch_rows(request, context)):
            yield row


class Echoing(Greenhouse):
    """Tells of the first row twice."""

    def watch_rows(self, request: Any, context: Any) -> Iterator[Any]:
        for row in super().watch_rows(request, context):
            yield from [row] * (2 if row.place == 0 else 1)


class Dated(Greenhouse):
    """Lists beds as they were made."""

    def __init__(self) -> None:
        super().__init__()
        self.first: dict[str, Any] = {}

    def create_bed(self, request: Any, context: Any) -> Any:
        bed = super().create_bed(request, context)
        self.first[bed.bed_id] = self.copy(bed)
        return bed

    def wanted(self, request: Any) -> list[Any]:
        return [self.first[bed.bed_id] for bed in super().wanted(request)]


class Reborn(Greenhouse):
    """Sets the time of creation with every update."""

    def update_bed(self, request: Any, context: Any) -> Any:
        super().update_bed(request, context)
        self.beds[request.bed_id].create_time.GetCurrentTime()
        return self.copy(self.beds[request.bed_id])


class Prefixed(Greenhouse):
    """Knows a bed by the beginning of its name."""

    def get_bed(self, request: Any, context: Any) -> Any:
        known = (id_ for id_ in self.beds if request.bed_id.startswith(id_))
        request.bed_id = max(known, key=len, default="")
        return super().get_bed(request, context)


class Whole(Greenhouse):
    """Keeps whole seconds."""

    def stored(self, bed: Any) -> Any:
        kept = super().stored(bed)
        kept.sown_at.nanos = 0
        return kept


class Zoned(Greenhouse):
    """Keeps times two hours ahead."""

    def stored(self, bed: Any) -> Any:
        kept = super().stored(bed)
        kept.sown_at.seconds = min(kept.sown_at.seconds + 7200, 253402300799)
        return kept


class Uncovered(Greenhouse):
    """Knows no row of which it was said that it is not covered."""

    def stored(self, bed: Any) -> Any:
        kept = super().stored(bed)
        for row in kept.rows:
            if not row.covered:
                row.ClearField("covered")
        return kept


class Uprooting(Greenhouse):
    """Takes out the row before it, in place of the last."""

    def taken_out(self, bed: Any, at: int) -> None:
        super().taken_out(bed, at - (0 < at == len(bed.rows) - 1))


class Scanty(Greenhouse):
    """Keeps harvests in 32 bits."""

    def stored(self, bed: Any) -> Any:
        kept = super().stored(bed)
        for crop, grams in bed.harvests.items():
            kept.harvests[crop] = (grams + 2**31) % 2**32 - 2**31
        return kept


class Sunless(Greenhouse):
    """Takes beds in the sun, asked for, for all of them."""

    def wanted(self, request: Any) -> list[Any]:
        if not request.shaded:
            request.ClearField("shaded")
        return super().wanted(request)


class Thorough(Greenhouse):
    """Takes every note, whether the mask names it or not."""

    def revised(self, plant: Any, request: Any) -> None:
        super().revised(plant, request)
        plant.note = request.plant.note


class Peatless(Greenhouse):
    """Takes peat for loam."""

    def stored(self, bed: Any) -> Any:
        kept = super().stored(bed)
        kept.soil = 3 if kept.soil == 4 else kept.soil
        return kept


class Mispaired(Greenhouse):
    """Tells of each bed under the name of the one that was asked for after it."""

    def batch_get_beds(self, request: Any, context: Any) -> Any:
        reply = super().batch_get_beds(request, context)
        ids = [id_ for id_ in request.bed_ids if id_ in self.beds]
        for one, other in pairwise(ids):
            reply.beds[other].CopyFrom(self.beds[one])
        return reply


class Rooted(Greenhouse):
    """Says of a plant that it was moved, and leaves it where it is."""

    def move_plant(self, request: Any, context: Any) -> Any:
        before = self.copy(self.known(self.plants, request.plant_id, context))
        told = super().move_plant(request, context)
        self.plants[request.plant_id] = before
        return told


class Jostled(Greenhouse):
    """Counts from what it read before others wrote."""

    def __init__(self) -> None:
        super().__init__()
        self.meeting = Meeting(0.05)

    def opened(self, gate: str) -> int:
        times = self.gates[gate] + 1
        self.meeting.wait()
        self.gates[gate] = times
        return times


class Eager(Greenhouse):
    """Sends one reading too many."""

    def stream_readings(self, request: Any, context: Any) -> Iterator[Any]:
        if 0 < request.count < 1000:
            request.count += 1
        yield from super().stream_readings(request, context)


class Stingy(Greenhouse):
    """Sends one reading too few."""

    def stream_readings(self, request: Any, context: Any) -> Iterator[Any]:
        yield from list(super().stream_readings(request, context))[1:]


class Level(Greenhouse):
    """Takes a bed without a slope for a level one."""

    def stored(self, bed: Any) -> Any:
        kept = super().stored(bed)
        kept.slope = bed.slope
        return kept


class Agreeable(Greenhouse):
    """Updates what is not there."""

    def update_bed(self, request: Any, context: Any) -> Any:
        if request.bed_id in self.beds:
            return super().update_bed(request, context)
        return self.kind("Bed")(bed_id=request.bed_id, title=request.title, area=request.area)


class Narrow(Greenhouse):
    """Counts litres in 32 bits."""

    def given(self, litres: int) -> int:
        return litres % 2**32


class Late(Greenhouse):
    """Counts from the second reading on."""

    def record_readings(self, requests: Any, context: Any) -> Any:
        reply = super().record_readings(requests, context)
        reply.reading_count -= 1
        return reply


class Flat(Greenhouse):
    """Counts each sensor once."""

    def record(self, reply: Any, reading: Any) -> None:
        super().record(reply, reading)
        reply.by_sensor[reading.sensor] = 1


class Hurried(Greenhouse):
    """Adds up whole seconds."""

    def lasting(self, total: Any, lasted: Any) -> None:
        lasted.nanos = 0
        super().lasting(total, lasted)


class Single(Greenhouse):
    """Counts the readings of the last sensor alone."""

    def record(self, reply: Any, reading: Any) -> None:
        before = reply.by_sensor[reading.sensor]
        super().record(reply, reading)
        reply.by_sensor.clear()
        reply.by_sensor[reading.sensor] = before + 1
