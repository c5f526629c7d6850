"""Checks that hold a server to nothing but its own words: what it says twice must agree.

They stand in for the AIPs' checks where nobody promised the AIPs, and ask for less: a field that
moves on by itself, a list of summaries, a tidied text are nobody's business.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from google.protobuf.message import Message

from wireproof.checks.agreement import Totalled, UpdateAnswered, total_agrees
from wireproof.checks.check import Check, Profile
from wireproof.checks.compare import Paths, differences, is_set, same, value_at
from wireproof.checks.kept import alike
from wireproof.checks.lists import order_honoured, turning
from wireproof.checks.observations import (
    Deleted,
    Filtered,
    ListedAfterDelete,
    Observation,
    Paged,
    ReadBack,
    Repeated,
    SecondCreate,
    Sorted,
    Updated,
)
from wireproof.checks.updates import creation_kept
from wireproof.finding import Breach

_HEURISTIC = "heuristic"


@dataclass(frozen=True, slots=True)
class StaleVersion(Observation):
    """An update that expects a version which is gone by; the last exchange is it."""

    field: str
    written: bool
    """Whether it was done."""


@dataclass(frozen=True, slots=True)
class Elsewhere(Observation):
    """A Get of what never was, which answered OK with a thing; the last exchange is the answer."""

    asked: str
    told: str


@dataclass(frozen=True, slots=True)
class Displaced(Observation):
    """What was created, and read, is not there any more once something else is created."""


@dataclass(frozen=True, slots=True)
class ToldNothing(Observation):
    """A Get of what never was answered OK with nothing in it, where it tells of what is there."""


@dataclass(frozen=True, slots=True)
class UpdatedNothing(Observation):
    """An update of what never was, which answered OK; the last exchange is a Get of that name."""

    nowhere: bool
    """Whether Get answered that there is no such thing."""


@dataclass(frozen=True, slots=True)
class KeyUnread(Observation):
    """A create with a key, sent again, was refused for what stood in its way: the first.

    With another request, the same key made another thing.
    """

    key: str


def contradicted(sent: Message, created: Message, got: Message, skip: Paths) -> Iterator[str]:
    """Fields that a create answered as they were sent, and of which the next read tells otherwise.

    States move on by themselves, and so do fields of which the server decides.
    """
    for path in differences(created, got, skip):
        root = path.partition(".")[0]
        told = is_set(sent, root) and same(sent, created, root) and _own(created, path)
        if told and not alike(value_at(created, path), value_at(got, path)):
            yield path


def _own(message: Message, path: str) -> bool:
    """Whether a field holds more than one of a few states."""
    kind: Any = message.DESCRIPTOR
    for name in path.split("."):
        field = kind.fields_by_name[name]
        kind = field.message_type
    return not field.enum_type


def created_is_read(seen: ReadBack) -> Iterator[Breach]:
    if seen.got is None:
        if not seen.unanswered:
            yield Breach(seen.subject.full_name, "what was created", "nothing")
        return
    for path in contradicted(seen.sent, seen.created, seen.got, seen.server_set):
        yield Breach(f"{seen.subject.full_name}: {path}", "what create answered", "something else")


def deleted_is_gone(seen: Deleted) -> Iterator[Breach]:
    if seen.read_back is not None and not any(differences(seen.before, seen.read_back)):
        yield Breach(seen.subject.full_name, "gone, or marked", "there as it was")


def updated_as_told(seen: UpdateAnswered) -> Iterator[Breach]:
    for path in differences(seen.told, seen.after, seen.server_set):
        told, now = value_at(seen.told, path), value_at(seen.after, path)
        if is_set(seen.told, path) and _own(seen.told, path) and not alike(told, now):
            subject = f"{seen.subject.full_name}: {path}"
            yield Breach(subject, "what the next read tells", "something else")


def pages_add_up(seen: Paged) -> Iterator[Breach]:
    if seen.during:
        return
    if turning(seen):
        yield Breach(seen.subject.full_name, "a last page", "the same pages again")
        return
    counts = Counter(id_ for page in seen.pages for id_ in page.ids)
    if seen.ended and set(seen.expected) - counts.keys():
        yield Breach(seen.subject.full_name, "every item that the whole list holds", "fewer")
    if any(counts[id_] > 1 for id_ in set(seen.expected) or counts):
        yield Breach(seen.subject.full_name, "every item in one page", "some repeated")
    if all(0 < page.asked < len(page.ids) for page in seen.pages[:1]) and seen.pages:
        yield Breach(seen.subject.full_name, "no more items than asked for", "more")


def total_is_of_all(seen: Totalled) -> Iterator[Breach]:
    if "total" not in seen.field:  # a mere count may be that of the page
        return
    told = set(seen.totals)
    if seen.whole and len(told) == 1 and told != {seen.whole}:
        subject = f"{seen.subject.full_name}: {seen.field}"
        yield Breach(subject, "the number of all matches", "another number")
    else:
        yield from total_agrees(seen)


def deleted_not_listed(seen: ListedAfterDelete) -> Iterator[Breach]:
    if seen.still_listed and not seen.told:
        yield Breach(seen.subject.full_name, "no item that was deleted", "one")


def filter_narrows(seen: Filtered) -> Iterator[Breach]:
    if seen.strangers:
        yield Breach(f"{seen.subject.full_name}: {seen.field}", f"only {seen.wanted}", "others too")
    if seen.overlooked:
        yield Breach(f"{seen.subject.full_name}: {seen.field}", f"all {seen.wanted}", "not all")


def order_kept(seen: Sorted) -> Iterator[Breach]:
    if seen.understood:
        yield from order_honoured(seen)


def creation_stays(seen: Updated) -> Iterator[Breach]:
    created = frozenset(path for path in seen.creation if _CREATED.match(path))
    yield from creation_kept(replace(seen, creation=created))


_CREATED = re.compile(r"creat|insert")
"""Names of times of which every change but the first is none: a thing may be placed again."""


def asked_is_told(seen: Elsewhere) -> Iterator[Breach]:
    if seen.told and not alike(seen.asked, seen.told):
        yield Breach(seen.subject.full_name, "what was asked for, or NOT_FOUND", "another thing")


def nothing_is_refused(seen: ToldNothing) -> Iterator[Breach]:
    yield Breach(seen.subject.full_name, "NOT_FOUND for what never was", "OK with nothing in it")


def updated_is_there(seen: UpdatedNothing) -> Iterator[Breach]:
    if seen.nowhere:
        yield Breach(seen.subject.full_name, "a refusal of what is not there", "OK")


def key_gives_one(seen: Repeated) -> Iterator[Breach]:
    if seen.spoken and seen.same_payload and seen.second_id not in (None, seen.first_id):
        yield Breach(f"{seen.subject.full_name}: {seen.key}", "one thing", "two")


def key_is_read(seen: KeyUnread) -> Iterator[Breach]:
    subject = f"{seen.subject.full_name}: {seen.key}"
    yield Breach(subject, "what the first call was answered", "a refusal for what it has made")


def create_replaces(seen: SecondCreate) -> Iterator[Breach]:
    if seen.replaced and _CREATES.match(seen.subject.name):
        yield Breach(seen.subject.full_name, "the first kept, or a refusal", "the second alone")


_CREATES = re.compile(r"(Create|Insert|Register|New)[A-Z]")
"""Verbs that promise something new; others may set what is there."""


def created_stays(seen: Displaced) -> Iterator[Breach]:
    if _CREATES.match(seen.subject.name) and not _ONE_AT_A_TIME.search(seen.subject.name):
        yield Breach(seen.subject.full_name, "what was created before as it is", "it gone")


_ONE_AT_A_TIME = re.compile(r"Session|Token|Code|Key|Login|Lock|Lease|Challenge|Draft|Cart|Secret")
"""What a new one may put an end to."""


def stale_refused(seen: StaleVersion) -> Iterator[Breach]:
    if seen.written:
        subject = f"{seen.subject.full_name}: {seen.field}"
        yield Breach(subject, "a refusal of a version that is gone by", "a change")


def _row(id_: str, on: Any, check: Any, says: str, why: str, fix: str) -> Check[Any]:
    return Check(id_, on, check, says, why, fix, source=_HEURISTIC, profile=Profile.SELF)


ITSELF: tuple[Check[Any], ...] = (
    _row(
        "CREATED_IS_READ",
        ReadBack,
        created_is_read,
        "{subject} should read {promised}, reads {found}",
        "The reply to a create and the next read tell two different things.",
        "Answer a create with what was stored.",
    ),
    _row(
        "DELETED_IS_GONE",
        Deleted,
        deleted_is_gone,
        "what {subject} deleted should be {promised}; it is {found}",
        "OK says that the delete was done.",
        "Remove the thing, or mark it as deleted where readers see it.",
    ),
    _row(
        "UPDATED_AS_TOLD",
        UpdateAnswered,
        updated_as_told,
        "{subject} should answer {promised}, answered {found}",
        "Clients show the reply to an update, and something else after the next read.",
        "Answer an update with what was stored.",
    ),
    _row(
        "PAGES_ADD_UP",
        Paged,
        pages_add_up,
        "{subject} in pages should show {promised}; found {found}",
        "Clients that follow the pages miss items, or handle them twice.",
        "Page by a key, and let a page begin after the last item of the one before.",
    ),
    _row(
        "TOTAL_IS_OF_ALL",
        Totalled,
        total_is_of_all,
        "{subject} should tell {promised}, tells {found}",
        "Clients show the number to people and size their loops by it.",
        "Count the matches of the whole list, or call the number that of the page.",
    ),
    _row(
        "DELETED_NOT_LISTED",
        ListedAfterDelete,
        deleted_not_listed,
        "{subject} should list {promised}; found {found}",
        "The list shows what Get no longer knows.",
        "Read lists and single things from one place.",
    ),
    _row(
        "FILTER_NARROWS",
        Filtered,
        filter_narrows,
        "{subject} should list {promised}, lists {found}",
        "A narrowed list that holds the rest too was not narrowed.",
        "Apply the filter, or refuse it.",
    ),
    _row(
        "ORDER_AS_ASKED",
        Sorted,
        order_kept,
        "{subject} should be listed in {promised}; found {found}",
        "The list knows the order, refuses others, and answers in none of them.",
        "Sort by the value itself, in the direction that was asked for.",
    ),
    _row(
        "CREATION_STAYS",
        Updated,
        creation_stays,
        "{subject} should stay {promised} after an update; it is {found}",
        "Whatever sorts or pages by it moves with every update.",
        "Write the time of creation once.",
    ),
    _row(
        "ANSWERS_WHAT_IS_ASKED",
        Elsewhere,
        asked_is_told,
        "{subject} should answer {promised}, answered with {found}",
        "A caller reads, and then changes, what belongs under another name.",
        "Compare the whole identifier, each part of it.",
    ),
    _row(
        "NOTHING_IS_NO_THING",
        ToldNothing,
        nothing_is_refused,
        "{subject} should answer {promised}, answered {found}",
        "Clients take a thing with every field at its default for a real one.",
        "Answer NOT_FOUND where the identifier names nothing.",
    ),
    _row(
        "UPDATED_IS_THERE",
        UpdatedNothing,
        updated_is_there,
        "{subject} should answer {promised}, answered {found}; Get knows no such thing",
        "OK says that the change was made.",
        "Answer NOT_FOUND where the update finds nothing to change.",
    ),
    _row(
        "KEY_GIVES_ONE",
        Repeated,
        key_gives_one,
        "{subject}, sent twice with one request, should give {promised}, gave {found}",
        "A client that repeats a lost call creates twice.",
        "Remember the key with the reply, in the transaction that creates.",
    ),
    _row(
        "KEY_IS_READ",
        KeyUnread,
        key_is_read,
        "{subject}, sent twice with one request, should give {promised}, gave {found}",
        "A client that repeats a lost call believes that it was not done.",
        "Look the key up before anything else, and answer what is kept with it.",
    ),
    _row(
        "CREATE_REPLACES",
        SecondCreate,
        create_replaces,
        "{subject} twice under one identifier should leave {promised}, left {found}",
        "A create that silently replaces is how data is lost.",
        "Answer ALREADY_EXISTS.",
    ),
    _row(
        "CREATED_STAYS",
        Displaced,
        created_stays,
        "{subject} should leave {promised}, left {found}",
        "Whoever made the first finds it lost, and nobody deleted it.",
        "Store each under an identifier of its own.",
    ),
    _row(
        "STALE_VERSION_REFUSED",
        StaleVersion,
        stale_refused,
        "{subject} should see {promised}, saw {found}",
        "A caller overwrites what another has changed meanwhile, and neither learns of it.",
        "Compare the version and write in one transaction; answer ABORTED.",
    ),
)
