"""Inns with a fault each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.testing.inn import Inn
from tests.testing.meeting import Meeting
from tests.testing.shapes import Code


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
        self.meeting = Meeting(0.05)

    def add_room(self, request: Any, context: Any) -> Any:
        self.current = request
        self.meeting.wait()
        return super().add_room(self.current, context)


class Racing(Inn):
    """Looks whether a guest is here, and lets others come in between."""

    service = "Inn"

    def __init__(self) -> None:
        super().__init__()
        self.meeting = Meeting(0.05)

    def enrolled(self, email: str) -> bool:
        known = super().enrolled(email)
        self.meeting.wait()
        return known


class Keyless(Inn):
    """Looks at no request_key."""

    service = "Inn"

    def book(self, request: Any, context: Any) -> Any:
        request.request_key = ""
        return super().book(request, context)


class Wiping(Inn):
    """Forgets the address of a guest with another name."""

    service = "Inn"

    def rename_guest(self, request: Any, context: Any) -> Any:
        guest = super().rename_guest(request, context)
        guest.email = ""
        return guest


class Rebating(Inn):
    """Forgets the last line of a bill that has several."""

    service = "Inn"

    def total(self, lines: list[Any]) -> int:
        return super().total(lines[:-1] if len(lines) > 1 else lines)


class Nagging(Inn):
    """Says twice that somebody waits."""

    service = "Inn"

    def said(self, said: Any) -> Iterator[Any]:
        yield from [said] * (2 if said.waiting else 1)


class Lofty(Inn):
    """Finds rooms of every kind for a loft."""

    service = "Inn"

    def wanted(self, room: Any, request: Any) -> bool:
        request.kind = 0 if request.kind == 4 else request.kind
        return super().wanted(room, request)


class Below(Inn):
    """Finds rooms below the highest price that was asked for."""

    service = "Inn"

    def wanted(self, room: Any, request: Any) -> bool:
        most = request.max_nightly_cents
        return super().wanted(room, request) and (not most or room.nightly_cents < most)


class Missing(Inn):
    """Tells of two stays in three."""

    service = "Inn"

    def watch_stays(self, request: Any, context: Any) -> Iterator[Any]:
        events = super().watch_stays(request, context)
        yield from (one for at, one in enumerate(events) if at % 3 < 2)


class Stammering(Inn):
    """Tells of each stay twice."""

    service = "Inn"

    def watch_stays(self, request: Any, context: Any) -> Iterator[Any]:
        for one in super().watch_stays(request, context):
            yield from (one, one)


class Jumbled(Inn):
    """Tells of every other stay before the one that it came after."""

    service = "Inn"

    def watch_stays(self, request: Any, context: Any) -> Iterator[Any]:
        events = list(super().watch_stays(request, context))
        yield from sorted(events, key=lambda one: (one.seq - 1) // 2 * 2 + one.seq % 2)


class Gossiping(Inn):
    """Tells of stays in every room."""

    service = "Inn"

    def watch_stays(self, request: Any, context: Any) -> Iterator[Any]:
        request.room_code = ""
        yield from super().watch_stays(request, context)


FAULTS: tuple[tuple[type[Inn], str], ...] = (
    (Skipping, "PAGES_ADD_UP"),
    (AnyKind, "FILTER_NARROWS"),
    (Remembering, "DELETED_NOT_LISTED"),
    (Overlooking, "PAGES_ADD_UP"),
    (Mixing, "CREATE_STORES_FIELD"),
    (Racing, "ONCE_AT_ONCE"),
    (Keyless, "KEY_IS_READ"),
    (Wiping, "ACTION_LEAVES_REST"),
    (Rebating, "TOTAL_FITS_ITEMS"),
    (Nagging, "EACH_REQUEST_ANSWERED"),
    (Lofty, "FILTER_NARROWS"),
    (Below, "FILTER_NARROWS"),
    (Missing, "EVENTS_COMPLETE"),
    (Stammering, "EVENTS_ONCE"),
    (Jumbled, "EVENTS_IN_ORDER"),
    (Gossiping, "EVENTS_FILTERED"),
)
