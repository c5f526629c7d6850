"""Pages whose size changes, and pages in each order, while others insert."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.testing.test_access_trials import CALLERS
from tests.testing.vault import Vault, open_vault
from wireproof.checks import CHECKS
from wireproof.exchange.door import Door
from wireproof.schema.target import target_of
from wireproof.testing import Options
from wireproof.testing.infer import infer
from wireproof.testing.list_trials import pages_growing, pages_in_each_order
from wireproof.testing.runner import select
from wireproof.testing.session import Session
from wireproof.testing.things import Things

Run = Callable[[Things], Iterator[Any]]


def accused(kind: type[Vault], run: Run) -> set[str]:
    """What the checks say of one trial on a vault."""
    with open_vault(kind) as (address, schema), Door(target_of(address)) as door:
        selection = select(schema, Options(), loopback=True)
        proofs = {name: caller.metadata(name) for name, caller in CALLERS.items()}
        api = infer(schema, selection.callable)
        session = Session(door, schema, api, Options(), proofs)
        (resource,) = session.api.resources
        seen = list(run(Things(session, resource)))
        assert seen
        return {c.id for one in seen for c in CHECKS if c.on is type(one) and any(c.check(one))}


class Numbered(Vault):
    """A token is the number of a page, whatever its size."""

    def page(self, notes, after, size, asked):
        number = int(after or 0)
        page = notes[number * size : (number + 1) * size]
        more = f"{number + 1}\n{asked}" if (number + 1) * size < len(notes) else ""
        return self.kind("ListNotesResponse")(notes=page, next_page_token=more)


class Counted(Vault):
    """A token is how many notes were seen: what is made before them moves all the rest."""

    def page(self, notes, after, size, asked):
        start = int(after or 0)
        page = notes[start : start + size]
        more = f"{start + size}\n{asked}" if start + size < len(notes) else ""
        return self.kind("ListNotesResponse")(notes=page, next_page_token=more)


class Inclusive(Vault):
    """A token is a colour and how many of it were seen, the newest first: one more moves them."""

    def page(self, notes, after, size, asked):
        if asked.partition("|")[0] != "colour":
            return super().page(notes, after, size, asked)
        notes = sorted(notes, key=lambda n: (n.colour, -int(n.etag[1:])))
        colour, _, seen = after.rpartition("#")
        start = int(seen or 0) + sum(bool(seen) and n.colour < colour for n in notes)
        page = notes[start : start + size]
        ties = sum(n.colour == page[-1].colour for n in notes[: start + size]) if page else 0
        more = f"{page[-1].colour}#{ties}\n{asked}" if start + size < len(notes) else ""
        return self.kind("ListNotesResponse")(notes=page, next_page_token=more)


class Tied(Vault):
    """A token is the value of the field in whose order the notes are: what ties with it is lost."""

    def page(self, notes, after, size, asked):
        key = asked.partition("|")[0].partition(" desc")[0] or "id"
        values = [str(getattr(note, key)) for note in notes]
        start = max((i + 1 for i, value in enumerate(values) if value == after), default=0)
        page = notes[start : start + size]
        more = f"{values[start + len(page) - 1]}\n{asked}" if start + size < len(notes) else ""
        return self.kind("ListNotesResponse")(notes=page, next_page_token=more)


@pytest.mark.parametrize("run", [pages_growing, pages_in_each_order])
def test_nothing_is_found_where_a_token_names_an_item(run):
    """
    Neither the size nor what others insert moves the place.
    """
    assert accused(Vault, run) == set()


@pytest.mark.parametrize(
    ("kind", "run", "ids"),
    [
        (Numbered, pages_growing, {"PAGES_COMPLETE", "PAGES_DISTINCT"}),
        (Tied, pages_in_each_order, {"PAGES_COMPLETE"}),
        (Counted, pages_in_each_order, {"PAGES_DISTINCT"}),
        (Inclusive, pages_in_each_order, {"PAGES_DISTINCT"}),
    ],
)
def test_a_token_that_names_no_item_is_found(kind, run, ids):
    """
    Items are skipped, or come twice.
    """
    assert accused(kind, run) & ids
