"""Sets of whole numbers."""

from __future__ import annotations

from wireproof.values.spans import of, spans


def test_sets_are_cut_joined_and_met():
    """
    Union, difference and intersection, as sets define them.
    """
    low, high = spans([(1, 5)]), spans([(4, 9)])
    assert (low | high).parts == ((1, 9),)
    assert (low & high).parts == ((4, 5),)
    assert (high - of(6, 9)).parts == ((4, 5), (7, 8))
    assert spans([(1, 2), (3, 4)]).parts == ((1, 4),)
    assert not low & spans([(7, 9)])


def test_members_are_counted_and_found():
    """
    By rank, by nearness, by membership.
    """
    found = spans([(-3, -1), (5, 6)])
    assert (found.size, found.low, found.high) == (5, -3, 6)
    assert [found.at(index) for index in range(5)] == [-3, -2, -1, 5, 6]
    assert found.nearest(0) == -1
    assert found.nearest(2) == 5
    assert 5 in found
    assert 0 not in found
