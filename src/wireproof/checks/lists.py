"""Checks over lists: pages, filters, orders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from wireproof.checks.check import Check, Profile
from wireproof.checks.facts import SERVER_FAULTS, UNJUDGED, Code
from wireproof.checks.observations import (
    Filtered,
    ListedAfterDelete,
    NegativePageSize,
    Observation,
    Paged,
    Sorted,
    TokenReused,
)
from wireproof.finding import Breach


def pages_complete(seen: Paged) -> Iterator[Breach]:
    listed = {id_ for page in seen.pages for id_ in page.ids}
    if seen.ended and set(seen.expected) - listed:
        yield Breach(
            seen.subject.full_name, f"every item in some page{_during(seen)}", "some missing"
        )


def pages_distinct(seen: Paged) -> Iterator[Breach]:
    counts = Counter(id_ for page in seen.pages for id_ in page.ids)
    if any(counts[id_] > 1 for id_ in seen.expected):
        yield Breach(
            seen.subject.full_name, f"every item in one page{_during(seen)}", "some repeated"
        )


def _during(seen: Paged) -> str:
    return f" while {seen.during}" if seen.during else ""


def page_size_honoured(seen: Paged) -> Iterator[Breach]:
    if any(page.asked and len(page.ids) > page.asked for page in seen.pages):
        yield Breach(seen.subject.full_name, "at most as many items as page_size", "more")


def pages_end(seen: Paged) -> Iterator[Breach]:
    """The last page that holds something carries no token (nothing else says "the end")."""
    full = [page for page in seen.pages if page.ids]
    listed = {id_ for page in full for id_ in page.ids}
    whole = bool(seen.expected) and set(seen.expected) <= listed
    if full and whole and full[-1].token and len(full) < len(seen.pages):
        yield Breach(seen.subject.full_name, "no token on the last page", "a token")
    elif not seen.ended and turning(seen):
        yield Breach(seen.subject.full_name, "pages that come to an end", "the same pages again")


def turning(seen: Paged) -> bool:
    """Whether a page came again, with what it held and where it goes on.

    A token alone may: that of a session, which knows itself how far it got.
    """
    pages = [(page.token, page.ids) for page in seen.pages if page.token and page.ids]
    return len(set(pages)) < len(pages)


def _refused(seen: Observation, what: str) -> Iterator[Breach]:
    code = seen.exchanges[-1].code
    if code is not Code.INVALID_ARGUMENT and code not in UNJUDGED | SERVER_FAULTS:
        yield Breach(seen.subject.full_name, f"INVALID_ARGUMENT for {what}", code.name)


def negative_refused(seen: NegativePageSize) -> Iterator[Breach]:
    yield from _refused(seen, "a negative page_size")


def token_bound(seen: TokenReused) -> Iterator[Breach]:
    yield from _refused(seen, f"a page token used with another {seen.argument}")


def filter_honoured(seen: Filtered) -> Iterator[Breach]:
    if seen.strangers:
        yield Breach(f"{seen.subject.full_name}: {seen.field}", f"only {seen.wanted}", "others too")
    if seen.missing:
        yield Breach(f"{seen.subject.full_name}: {seen.field}", f"all {seen.wanted}", "not all")


def order_honoured(seen: Sorted) -> Iterator[Breach]:
    if not seen.in_order:
        way = "descending" if seen.descending else "ascending"
        yield Breach(f"{seen.subject.full_name}: {seen.field}", f"{way} order", "another order")


def deleted_hidden(seen: ListedAfterDelete) -> Iterator[Breach]:
    if seen.still_listed:
        yield Breach(seen.subject.full_name, "no deleted resource in the list", "one listed")


LISTS: tuple[Check[Any], ...] = (
    Check(
        id="PAGES_COMPLETE",
        on=Paged,
        check=pages_complete,
        says="{subject} must show {promised}; found {found}",
        why="A client that reads every page believes that it has seen everything.",
        fix="Start each page right after the last item of the page before, by a unique order.",
        source="https://google.aip.dev/158",
        profile=Profile.AIP,
    ),
    Check(
        id="PAGES_DISTINCT",
        on=Paged,
        check=pages_distinct,
        says="{subject} must show {promised}; found {found}",
        why="A client that reads every page counts an item twice.",
        fix="Start each page right after the last item of the page before, by a unique order.",
        source="https://google.aip.dev/158",
        profile=Profile.AIP,
    ),
    Check(
        id="PAGE_SIZE_HONOURED",
        on=Paged,
        check=page_size_honoured,
        says="{subject} must send {promised}, sent {found}",
        why="Clients size their buffers and screens by it.",
        fix="Never send more than page_size items.",
        source="https://google.aip.dev/158",
        profile=Profile.AIP,
    ),
    Check(
        id="LAST_PAGE_HAS_NO_TOKEN",
        on=Paged,
        check=pages_end,
        says="{subject} must send {promised}, sent {found}",
        why="An empty token is the only sign of the end.",
        fix="Look one item ahead: leave the token empty where nothing follows.",
        source="https://google.aip.dev/158",
        profile=Profile.AIP,
    ),
    Check(
        id="NEGATIVE_PAGE_SIZE_REFUSED",
        on=NegativePageSize,
        check=negative_refused,
        says="{subject} must answer {promised}, answered {found}",
        why="A negative size is a client's mistake that must show.",
        fix="Answer INVALID_ARGUMENT.",
        source="https://google.aip.dev/158",
        profile=Profile.AIP,
    ),
    Check(
        id="PAGE_TOKEN_BOUND",
        on=TokenReused,
        check=token_bound,
        says="{subject} must answer {promised}, answered {found}",
        why="The pages would belong to no single list.",
        fix="Keep a digest of the arguments in the token.",
        source="https://google.aip.dev/158",
        profile=Profile.AIP,
    ),
    Check(
        id="LIST_FILTER_HONOURED",
        on=Filtered,
        check=filter_honoured,
        says="{subject} should list {promised}, lists {found}",
        why="The request names a field of the resource and a value for it.",
        fix="Apply the filter.",
        source="heuristic",
        profile=Profile.AIP,
    ),
    Check(
        id="LIST_ORDER_HONOURED",
        on=Sorted,
        check=order_honoured,
        says="{subject} must be listed in {promised}, is listed in {found}",
        why="The request asked for the order and was answered OK.",
        fix="Sort by what order_by names, or refuse it.",
        source="https://google.aip.dev/132",
        profile=Profile.AIP,
    ),
    Check(
        id="LIST_HIDES_DELETED",
        on=ListedAfterDelete,
        check=deleted_hidden,
        says="{subject} must show {promised}; found {found}",
        why="What is deleted is shown only to those who ask for it.",
        fix="Leave deleted resources out unless the request asks for them.",
        source="https://google.aip.dev/164",
        profile=Profile.AIP,
    ),
)
