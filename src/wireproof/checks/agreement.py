"""Two answers of one server about one thing: observations, and the checks that they agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message

from wireproof.checks.check import Check, Profile
from wireproof.checks.compare import Paths, differences, is_set
from wireproof.checks.observations import Observation
from wireproof.exchange import Style
from wireproof.finding import Breach


@dataclass(frozen=True, slots=True)
class DefaultPage(Observation):
    """A list was asked for without a page size."""

    count: int
    known: int
    """How many resources the list holds for certain."""


@dataclass(frozen=True, slots=True)
class Totalled(Observation):
    """What each page said of the number of all matches, and how many resources each held."""

    field: str
    totals: tuple[int, ...]
    lengths: tuple[int, ...]
    whole: int | None = None
    """How many the whole list holds, read before and after; None where nobody knows."""


@dataclass(frozen=True, slots=True)
class PageSign(Observation):
    """A page of a list told whether more follow, or how many pages there are in all."""

    field: str
    promised: str
    """What the pages show."""
    told: str


@dataclass(frozen=True, slots=True)
class ListedItem(Observation):
    """One resource as a list shows it and as Get does, with nothing in between."""

    listed: Message
    got: Message
    server_set: Paths = frozenset()


@dataclass(frozen=True, slots=True)
class ListedAfterCreate(Observation):
    """Something was created, and the whole list read; others made in the same way are in it."""

    shown: bool


@dataclass(frozen=True, slots=True)
class ShownLate(Observation):
    """A list read again and again, each time after one more thing was made in the same way."""

    late: int
    """How many things it left out before and shows now that another has come."""
    missing: int
    """How many it leaves out now."""


@dataclass(frozen=True, slots=True)
class ListedStale(Observation):
    """A list that agreed with Get was read again after a change, and after Get told of it."""

    fields: tuple[str, ...]
    """Those that Get tells anew and the list as they were."""


@dataclass(frozen=True, slots=True)
class Summed(Observation):
    """A thing tells another total than the sum of its items; that of one made before was it."""

    field: str
    expected: float
    told: float
    parts: tuple[float, ...]
    """What comes out where some of it is left out."""


@dataclass(frozen=True, slots=True)
class UpdateAnswered(Observation):
    """What an update answered, and what Get then told."""

    told: Message
    after: Message
    server_set: Paths = frozenset()


@dataclass(frozen=True, slots=True)
class ValueLost(Observation):
    """One value of a field came back as another, while others came back as they were sent."""

    path: str
    sent: str
    found: str
    others: int = 0
    """How many other values are kept."""


def default_page(seen: DefaultPage) -> Iterator[Breach]:
    if seen.known and not seen.count:
        yield Breach(seen.subject.full_name, "a page of the server's own size", "an empty page")


def total_agrees(seen: Totalled) -> Iterator[Breach]:
    several = len(seen.lengths) > 1 and sum(seen.lengths) > max(seen.lengths)
    if several and seen.totals == seen.lengths:
        subject = f"{seen.subject.full_name}: {seen.field}"
        yield Breach(subject, "the number of all matches", "the number of those on the page")


def page_as_told(seen: PageSign) -> Iterator[Breach]:
    if seen.told != seen.promised:
        yield Breach(f"{seen.subject.full_name}: {seen.field}", seen.promised, seen.told)


def list_agrees(seen: ListedItem) -> Iterator[Breach]:
    for path in differences(seen.listed, seen.got, seen.server_set):
        if is_set(seen.listed, path):  # a list may show less than there is
            yield Breach(f"{seen.subject.full_name}: {path}", "what Get tells", "something else")


def created_shown(seen: ListedAfterCreate) -> Iterator[Breach]:
    if not seen.shown:
        yield Breach(seen.subject.full_name, "what was just created", "a list without it")


def last_shown(seen: ShownLate) -> Iterator[Breach]:
    if seen.late and seen.missing:
        yield Breach(
            seen.subject.full_name, "the last thing too", "it once another had taken its place"
        )


def change_listed(seen: ListedStale) -> Iterator[Breach]:
    for path in seen.fields:
        yield Breach(f"{seen.subject.full_name}: {path}", "what Get tells", "what it was before")


def total_fits(seen: Summed) -> Iterator[Breach]:
    if seen.told != seen.expected and seen.told in seen.parts:  # else it may have a discount
        subject = f"{seen.subject.full_name}: {seen.field}"
        yield Breach(subject, "the sum of all items", "that of a part of them")


def update_reply_agrees(seen: UpdateAnswered) -> Iterator[Breach]:
    for path in differences(seen.told, seen.after, seen.server_set):
        if is_set(seen.told, path):
            yield Breach(
                f"{seen.subject.full_name}: {path}", "the updated resource", "something else"
            )


def value_stays(seen: ValueLost) -> Iterator[Breach]:
    if seen.others > 1:  # one alone may be where every thing begins
        yield from value_kept(seen)


def value_kept(seen: ValueLost) -> Iterator[Breach]:
    yield Breach(f"{seen.subject.full_name}: {seen.path}", seen.sent, seen.found)


_AIP = "https://google.aip.dev/"

AGREEMENT: tuple[Check[Any], ...] = (
    Check(
        id="DEFAULT_PAGE_SIZE",
        on=DefaultPage,
        check=default_page,
        says="{subject} asked for no page size must send {promised}, sent {found}",
        why="Clients that leave the size out see an empty list and stop.",
        fix="Choose a default where page_size is 0.",
        source=f"{_AIP}158",
        profile=Profile.AIP,
    ),
    Check(
        id="TOTAL_AGREES",
        on=Totalled,
        check=total_agrees,
        says="{subject} should tell {promised}, tells {found}",
        why="Clients show the number to people and size their loops by it.",
        fix="Count the matches of the whole list, not those of the page.",
        source=f"{_AIP}158",
        profile=Profile.AIP,
    ),
    Check(
        id="PAGES_AS_TOLD",
        on=PageSign,
        check=page_as_told,
        says="{subject} should tell {promised}, as the pages do; it tells {found}",
        why="Clients stop before the end of the list, or ask for pages that are not there.",
        fix="Count from the matches of the whole list and the size of the page, rounded up.",
        source="heuristic",
    ),
    Check(
        id="LIST_AGREES_WITH_GET",
        on=ListedItem,
        check=list_agrees,
        says="{subject} must show {promised}, shows {found}",
        why="One resource has two contents, depending on who asks.",
        fix="Read lists and single resources from one place.",
        source=f"{_AIP}121",
        profile=Profile.AIP,
    ),
    Check(
        id="LIST_SHOWS_CREATED",
        on=ListedAfterCreate,
        check=created_shown,
        says="{subject} must show {promised}; found {found}",
        why="A client that creates and lists takes the resource for lost, and creates it again.",
        fix="Answer lists from what is committed.",
        source=f"{_AIP}121",
        profile=Profile.AIP,
    ),
    Check(
        id="LIST_SHOWS_LAST",
        on=ShownLate,
        check=last_shown,
        says="{subject} should show {promised}; it showed {found}",
        why="The last item of every list is missing, and the only item of a short one.",
        fix="Count to the last item, and send what is left when the end is reached.",
        source="heuristic",
    ),
    Check(
        id="LIST_SHOWS_CHANGE",
        on=ListedStale,
        check=change_listed,
        says="{subject} should show {promised} after a change, shows {found}",
        why="Clients that list act on what is gone by.",
        fix="Read lists from where changes are written, or drop what is kept of them.",
        source="heuristic",
    ),
    Check(
        id="TOTAL_FITS_ITEMS",
        on=Summed,
        check=total_fits,
        says="{subject} should tell {promised}, as it does of few; it tells {found}",
        why="What is asked for, or paid, is not what the items come to.",
        fix="Add up every item, all of it.",
        source="heuristic",
    ),
    Check(
        id="UPDATE_REPLY_AGREES",
        on=UpdateAnswered,
        check=update_reply_agrees,
        says="{subject} must answer {promised}, answered {found}",
        why="Clients show the reply as what is stored.",
        fix="Answer what was written, after it was written.",
        source=f"{_AIP}134",
        profile=Profile.AIP,
    ),
    Check(
        id="ENUM_VALUE_KEPT",
        on=ValueLost,
        check=value_kept,
        says="{subject} was sent {promised} and answered {found}, where other values are kept",
        why="A value that the code does not know is silently another.",
        fix="Handle every declared value, and refuse what cannot be.",
        source="heuristic",
        profile=Profile.AIP,
        styles=(Style.UNARY,),
    ),
    Check(
        id="ENUM_VALUE_STAYS",
        on=ValueLost,
        check=value_stays,
        says="{subject} was sent {promised} and answered {found}, where other values are kept",
        why="A value that the code does not know is silently another.",
        fix="Handle every declared value, and refuse what cannot be.",
        source="heuristic",
        profile=Profile.SELF,
        styles=(Style.UNARY,),
    ),
)
