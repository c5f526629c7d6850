"""Fresh values: never used before in a run, the same for the same seed."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from tests.checks.exchanges import thing
from wireproof.testing.fresh import Fresh, freshened


def _labelled(message: Any) -> bool:
    return bool(message.label == "l")


def test_the_same_seed_gives_the_same_values():
    """
    A run can be repeated.
    """
    first, second = Fresh(3), Fresh(3)
    assert [first.token() for _ in range(50)] == [second.token() for _ in range(50)]


def test_no_token_comes_twice_also_after_a_turn():
    """
    A second create needs a name of its own.
    """
    fresh = Fresh(0)
    tokens = [fresh.token() for _ in range(100)]
    fresh.turn()
    tokens += [fresh.token() for _ in range(100)]
    assert len(set(tokens)) == 200


def test_an_identifier_like_another_keeps_its_collection_and_shape():
    """
    `shelves/7` names a shelf, and so does its like.
    """
    likes = [next(Fresh(seed).id_like("shelves/ab-7")) for seed in range(20)]
    assert all(re.fullmatch(r"shelves/[a-z]{2}-\d", like) for like in likes)


def test_a_name_that_ends_in_a_number_is_none_that_a_server_has_counted_to():
    """
    A server that counts has given `shelves/22`, or will.
    """
    likes = [next(Fresh(seed).id_like("shelves/7")) for seed in range(20)]
    assert all(re.fullmatch(r"shelves/[1-9]\d{8}", like) for like in likes)


def test_texts_become_fresh_where_the_rules_allow():
    """
    What would break a rule stays as it was; so does what is to be kept.
    """
    made = thing(id="1", title="t", label="l", tags=["x"])
    freshened(made, made, Fresh(0), _labelled, keep=frozenset({"id"}))
    assert (made.id, made.label, list(made.tags)) == ("1", "l", ["x"])
    assert made.title.endswith("t")
    assert made.title != "t"


def test_gently_keeps_lengths():
    """
    A text at the limit of its length stays there.
    """
    made = thing(title="abc-12")
    freshened(made, made, Fresh(1), lambda _: True, gently=True)
    assert re.fullmatch(r"[a-z]{3}-\d\d", made.title)


def test_a_day_is_later_than_all_before():
    """
    What begins on one may end on the next, and is booked by nobody else.
    """
    fresh = Fresh(0)
    days = [dt.date.fromisoformat(fresh.filled("{day}")) for _ in range(400)]
    assert days == sorted(set(days))
