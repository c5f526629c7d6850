"""How texts are kept in a database that knows no U+0000."""

from __future__ import annotations

import asyncpg
from hypothesis import given
from hypothesis import strategies as st

from service.errors import Refusal
from service.store.postgres_errors import refusal
from service.store.postgres_rows import original, stored

TEXTS = st.text(st.sampled_from("\0\1\2\3a")) | st.text(st.characters(exclude_categories=["Cs"]))


@given(TEXTS)
def test_a_text_comes_back_as_it_was(text: str) -> None:
    """
    Whatever it holds, and without U+0000 in between.
    """
    assert original(stored(text)) == text
    assert "\0" not in stored(text)


@given(TEXTS, TEXTS)
def test_the_order_of_texts_stays(one: str, other: str) -> None:
    """
    Pages sort by code point in every store.
    """
    assert (stored(one) < stored(other)) == (one < other)


def test_a_connection_that_broke_in_the_middle_is_unavailable():
    """
    Whatever the driver calls it: the database does not answer, and that is nobody's mistake.
    """
    for error in (
        asyncpg.InternalClientError("another operation is in progress"),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.CannotConnectNowError("shutting down"),
        ConnectionResetError(),
    ):
        found = refusal(error)
        assert isinstance(found, Refusal)
        assert found.reason == "STORE_UNAVAILABLE"
