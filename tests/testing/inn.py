"""An inn that names its methods as people talk, and whose stays are days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import count
from typing import Any

from tests.testing.shapes import Code, Shape


class Inn(Shape):
    """Rooms that are found, stays of which no two share a room at a time."""

    file = "inn"

    def __init__(self) -> None:
        self.rooms: dict[str, Any] = {}
        self.kept: dict[str, Any] = {}
        self.events: list[Any] = []
        self.guests: dict[str, Any] = {}
        self.bills: dict[str, Any] = {}
        self.keys: dict[str, tuple[Any, Any]] = {}
        self.numbers = count(1)

    def add_room(self, request: Any, context: Any) -> Any:
        if not request.door or request.kind not in (1, 2, 3, 4) or request.nightly_cents < 0:
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
        known, stay = self.keys.get(request.request_key, (request, None))
        if known != request:
            context.abort(Code.ALREADY_EXISTS, "request_key was used for another stay")
        return stay or self.booked(request, context)

    def booked(self, request: Any, context: Any) -> Any:
        for stay in self.kept.values():
            then = stay.from_day < request.until_day and request.from_day < stay.until_day
            if then and stay.room_code == request.room_code:
                context.abort(Code.FAILED_PRECONDITION, "the room is taken then")
        stay = self.kind("Stay")(stay_no=f"ST/{next(self.numbers)}", room_code=request.room_code)
        stay.from_day, stay.until_day = request.from_day, request.until_day
        self.kept[stay.stay_no] = stay
        if request.request_key:
            self.keys[request.request_key] = request, stay
        self.events.append(self.kind("StayEvent")(seq=len(self.events) + 1, stay=stay))
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

    def issue(self, request: Any, context: Any) -> Any:
        if any(not 0 <= line.cents < 10**12 for line in request.lines):
            context.abort(Code.INVALID_ARGUMENT, "cents is out of range")
        bill = self.kind("Bill")(bill_no=f"B{next(self.numbers)}", note=request.note)
        bill.lines.extend(request.lines)
        bill.total_cents = self.total(list(request.lines))
        self.bills[bill.bill_no] = bill
        return bill

    def total(self, lines: list[Any]) -> int:
        return sum(line.cents for line in lines)

    def show_bill(self, request: Any, context: Any) -> Any:
        if request.bill_no not in self.bills:
            context.abort(Code.NOT_FOUND, "no such bill")
        return self.bills[request.bill_no]

    def enrol(self, request: Any, context: Any) -> Any:
        if not request.email or not request.full_name:
            context.abort(Code.INVALID_ARGUMENT, "email and full_name, please")
        if self.enrolled(request.email):
            context.abort(Code.ALREADY_EXISTS, "that guest is here")
        guest = self.kind("Guest")(guest_no=f"G{next(self.numbers)}", email=request.email)
        guest.full_name = request.full_name
        self.guests[guest.guest_no] = guest
        return guest

    def enrolled(self, email: str) -> bool:
        return any(guest.email == email for guest in list(self.guests.values()))

    def show_guest(self, request: Any, context: Any) -> Any:
        if request.guest_no not in self.guests:
            context.abort(Code.NOT_FOUND, "no such guest")
        return self.guests[request.guest_no]

    def rename_guest(self, request: Any, context: Any) -> Any:
        guest = self.show_guest(request, context)
        if not request.full_name:
            context.abort(Code.INVALID_ARGUMENT, "full_name, please")
        guest.full_name = request.full_name
        return guest

    def desk(self, requests: Any, context: Any) -> Iterator[Any]:
        said = self.kind("DeskSaid")()
        for request in requests:
            if not request.WhichOneof("ask"):
                context.abort(Code.INVALID_ARGUMENT, "ring or wait, please")
            said.rung += request.HasField("ring")
            said.waiting = request.HasField("wait")
            yield from self.said(said)

    def said(self, said: Any) -> Iterator[Any]:
        yield said

    def watch_stays(self, request: Any, context: Any) -> Iterator[Any]:
        """All that has happened, and no more."""
        del context
        yield from [one for one in self.events if request.room_code in ("", one.stay.room_code)]
