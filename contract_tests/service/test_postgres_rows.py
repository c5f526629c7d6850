"""How texts are kept in a database that knows no U+0000."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

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
