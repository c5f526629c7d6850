"""A box office, where what is made takes from what it names; a fault is a subclass."""

from __future__ import annotations

import queue
import threading
import uuid
from typing import Any

from tests.testing.meeting import Meeting
from tests.testing.shapes import Code, Shape


class Office(Shape):
    """Shows with so many seats, bookings of some of them, and streams of what is left."""

    file, service = "office", "Office"

    def __init__(self) -> None:
        self.shows: dict[str, Any] = {}
        self.bookings: dict[str, Any] = {}
        self.watchers: list[tuple[str, queue.Queue[Any]]] = []
        self.lock = threading.RLock()

    def show(self, id_: str, context: Any) -> Any:
        if id_ not in self.shows:
            context.abort(Code.NOT_FOUND, "no such show")
        return self.shows[id_]

    def create_show(self, request: Any, context: Any) -> Any:
        del context
        show = self.kind("Show")(show_id=str(uuid.uuid4()), title=request.title)
        show.capacity = show.available = request.capacity
        if request.HasField("starts_at"):
            show.starts_at.CopyFrom(request.starts_at)
        self.shows[show.show_id] = show
        return self.kind("ShowReply")(show=show)

    def get_show(self, request: Any, context: Any) -> Any:
        with self.lock:
            return self.kind("ShowReply")(show=self.show(request.show_id, context))

    def take(self, show: Any, seats: int, context: Any) -> None:
        with self.lock:
            if show.available < seats:
                context.abort(Code.FAILED_PRECONDITION, "not enough seats")
            show.available -= seats

    def wanted(self, watched: str, changed: str) -> bool:
        return watched == changed

    def book_seats(self, request: Any, context: Any) -> Any:
        show = self.show(request.show_id, context)
        self.take(show, request.seats, context)
        booking = self.kind("Booking")(booking_id=str(uuid.uuid4()), show_id=show.show_id)
        booking.guest, booking.seats = request.guest, request.seats
        change = self.kind("SeatsChanged")(show_id=show.show_id, available=show.available)
        for watched, watcher in list(self.watchers):
            if self.wanted(watched, show.show_id):
                watcher.put(change)
        self.bookings[booking.booking_id] = booking
        return self.kind("BookingReply")(booking=booking)

    def get_booking(self, request: Any, context: Any) -> Any:
        if request.booking_id not in self.bookings:
            context.abort(Code.NOT_FOUND, "no such booking")
        return self.kind("BookingReply")(booking=self.bookings[request.booking_id])

    def list_bookings(self, request: Any, context: Any) -> Any:
        self.show(request.show_id, context)
        found = [one for one in self.bookings.values() if one.show_id == request.show_id]
        return self.kind("ListBookingsReply")(bookings=found)

    def watch_show(self, request: Any, context: Any) -> Any:
        self.show(request.show_id, context)
        mine: queue.Queue[Any] = queue.Queue()
        entry = (request.show_id, mine)
        self.watchers.append(entry)
        context.add_callback(lambda: mine.put(None))
        context.send_initial_metadata(())
        try:
            yield from iter(mine.get, None)
        finally:
            self.watchers.remove(entry)

    def admit(self, requests: Any, context: Any) -> Any:
        del context
        for request in requests:
            known = request.booking_id in self.bookings
            yield self.kind("AdmitReply")(sequence=request.sequence, admitted=known)


class Overselling(Office):
    """Looks how many seats are left, and takes them; another may come in between."""

    def __init__(self) -> None:
        super().__init__()
        self.meeting = Meeting()

    def take(self, show: Any, seats: int, context: Any) -> None:
        left = show.available
        self.meeting.wait()
        if left < seats:
            context.abort(Code.FAILED_PRECONDITION, "not enough seats")
        show.available = left - seats


class Misplacing(Office):
    """Every booking is one of the first show."""

    def book_seats(self, request: Any, context: Any) -> Any:
        booking = super().book_seats(request, context).booking
        self.bookings[booking.booking_id].show_id = next(iter(self.shows))
        return self.kind("BookingReply")(booking=self.bookings[booking.booking_id])


class Undivided(Office):
    """Lists the bookings of all shows."""

    def list_bookings(self, request: Any, context: Any) -> Any:
        self.show(request.show_id, context)
        return self.kind("ListBookingsReply")(bookings=list(self.bookings.values()))


class Gossiping(Office):
    """Tells whoever watches one show of all."""

    def wanted(self, watched: str, changed: str) -> bool:
        del watched, changed
        return True


class Shifted(Office):
    """Answers with what the one before should have been told."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[Any] = []

    def admit(self, requests: Any, context: Any) -> Any:
        for reply in super().admit(requests, context):
            self.kept.append(reply)
            yield from self.kept[-2:-1]


class Early(Office):
    """Every show starts an hour before its time."""

    def create_show(self, request: Any, context: Any) -> Any:
        show = self.shows[super().create_show(request, context).show.show_id]
        show.starts_at.seconds -= 3600 * (show.starts_at.seconds > 3600)
        return self.kind("ShowReply")(show=show)
