"""An inn that names its methods as people talk, and whose stays are days; a fault is a subclass."""

from __future__ import annotations

import datetime as dt
from itertools import count
from typing import Any

from tests.testing.meeting import Meeting
from tests.testing.shapes import Code, Shape


class Inn(Shape):
    """Rooms that are found, stays of which no two share a room at a time."""

    file = "inn"

    def __init__(self) -> None:
        self.rooms: dict[str, Any] = {}
        self.kept: dict[str, Any] = {}
        self.numbers = count(1)

    def add_room(self, request: Any, context: Any) -> Any:
        if not request.door or request.kind not in (1, 2) or request.nightly_cents < 0:
            context.abort(Code.INVALID_ARGUMENT, "door, kind and nightly_cents, please")
        room = self.kind("Room")(room_code=f"rm-{next(self.numbers):05}", door=request.door)
        room.kind, room.nightly_cents = request.kind, request.nightly_cents
        self.rooms[room.room_code] = room
        return room

    def lookup_room(self, request: Any, context: Any) -> Any:
        if request.room_code not in self.rooms:
            context.abort(Code.NOT_FOUND, "no such room")
        return self.rooms[request.room_code]

    def forget_room(self, request: Any, context: Any) -> Any:
        del self.rooms[self.lookup_room(request, context).room_code]
        return self.kind("Forgotten")()

    def find_rooms(self, request: Any, context: Any) -> Any:
        if min(request.page, request.per_page, request.max_nightly_cents) < 0:
            context.abort(Code.INVALID_ARGUMENT, "numbers are not negative")
        found = [room for room in self.rooms.values() if self.wanted(room, request)]
        size = min(request.per_page or 20, 50)
        start = self.start(request.page or 1, size)
        return self.kind("RoomsReply")(rooms=found[start : start + size], total=len(found))

    def wanted(self, room: Any, request: Any) -> bool:
        most = request.max_nightly_cents
        return request.kind in (0, room.kind) and (not most or room.nightly_cents <= most)

    def start(self, page: int, size: int) -> int:
        """How many rooms are before a page."""
        return (page - 1) * size

    def book(self, request: Any, context: Any) -> Any:
        self.lookup_room(request, context)
        days = self.day(request, "from_day", context), self.day(request, "until_day", context)
        if days[0] >= days[1]:
            context.abort(Code.INVALID_ARGUMENT, "until_day is after from_day")
        for stay in self.kept.values():
            then = stay.from_day < request.until_day and request.from_day < stay.until_day
            if then and stay.room_code == request.room_code:
                context.abort(Code.FAILED_PRECONDITION, "the room is taken then")
        stay = self.kind("Stay")(stay_no=f"ST/{next(self.numbers)}", room_code=request.room_code)
        stay.from_day, stay.until_day = request.from_day, request.until_day
        self.kept[stay.stay_no] = stay
        return stay

    def day(self, request: Any, name: str, context: Any) -> dt.date:
        try:
            return dt.datetime.strptime(getattr(request, name), "%Y-%m-%d").date()
        except ValueError:
            context.abort(Code.INVALID_ARGUMENT, f"{name} is no day")
            raise

    def show_stay(self, request: Any, context: Any) -> Any:
        if request.stay_no not in self.kept:
            context.abort(Code.NOT_FOUND, "no such stay")
        return self.kept[request.stay_no]

    def stays(self, request: Any, context: Any) -> Any:
        if min(request.offset, request.max) < 0:
            context.abort(Code.INVALID_ARGUMENT, "offset and max are not negative")
        found = [s for s in self.kept.values() if request.room_code in ("", s.room_code)]
        end = request.offset + min(request.max or 20, 50)
        return self.kind("StaysReply")(stays=found[request.offset : end])


class Skipping(Inn):
    """Every page but the first leaves out a room."""

    service = "Inn"

    def start(self, page: int, size: int) -> int:
        return super().start(page, size) + (page > 1)


class AnyKind(Inn):
    """Finds rooms of every kind, whichever was asked for."""

    service = "Inn"

    def wanted(self, room: Any, request: Any) -> bool:
        request.kind = 0
        return super().wanted(room, request)


class Remembering(Inn):
    """Still finds the rooms that are forgotten."""

    service = "Inn"

    def __init__(self) -> None:
        super().__init__()
        self.gone: set[str] = set()

    def lookup_room(self, request: Any, context: Any) -> Any:
        if request.room_code in self.gone:
            context.abort(Code.NOT_FOUND, "no such room")
        return super().lookup_room(request, context)

    def forget_room(self, request: Any, context: Any) -> Any:
        self.gone.add(self.lookup_room(request, context).room_code)
        return self.kind("Forgotten")()


class Overlooking(Inn):
    """An offset leaves out one stay more."""

    service = "Inn"

    def stays(self, request: Any, context: Any) -> Any:
        request.offset += request.offset > 0
        return super().stays(request, context)


class Mixing(Inn):
    """Keeps the request that it works on where other calls put theirs."""

    service = "Inn"

    def __init__(self) -> None:
        super().__init__()
        self.meeting = Meeting(0.02)

    def add_room(self, request: Any, context: Any) -> Any:
        self.current = request
        self.meeting.wait()
        return super().add_room(self.current, context)


FAULTS: tuple[tuple[type[Inn], str], ...] = (
    (Skipping, "PAGES_ADD_UP"),
    (AnyKind, "FILTER_NARROWS"),
    (Remembering, "DELETED_NOT_LISTED"),
    (Overlooking, "PAGES_ADD_UP"),
    (Mixing, "CREATE_STORES_FIELD"),
)
