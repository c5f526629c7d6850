"""CEL in one form for all the ways to write the same, and never for two that differ."""

from __future__ import annotations

import pytest

from wireproof.witness.cel_equal import conjuncts

SAME = [
    ("this.a < this.b", "this.b  >  this.a"),
    ("this.a == 1 && this.b == 2", "2 == this.b && (1 == this.a)"),
    ("!(this.a && this.b)", "!this.b || !this.a"),
    ("!!this.a", "this.a"),
    ("!(this.a == 1)", "this.a != 1"),
    ("this.size() > 3", "3 < size(this)"),
    ("this in ['a', 'b']", 'this in ["b", "a"]'),
    ("this.a > 1 ? '' : 'too small'", "this.a > 1"),
    ("this.a > 1 ? 'too large' : ''", "this.a <= 1"),
    ("this.a && this.a", "this.a"),
    ("this.a != ''", "this.a.size() > 0"),
    ("this.a == ''", "size(this.a) == 0"),
    ("size(this.a) != 0", "this.a.size() >= 1"),
    ("!this.a || (this.b && this.c)", "(!this.a || this.b) && (!this.a || this.c)"),
    ("this.all(x, x.a > x.b)", "this.all(one, one.b < one.a)"),
    ("!this.exists(x, x == 1)", "this.all(x, x != 1)"),
    ("this.exists(x, x > 1)", "!this.all(x, x <= 1)"),
    ("this.all(x, x > 1 && x < 9)", "this.all(x, x > 1) && this.all(y, y < 9)"),
    ("this.all(x, x.all(y, y > x.a))", "this.all(y, y.all(x, x > y.a))"),
    ("this.a == 1 ? this.b > 0 : true", "this.a != 1 || this.b > 0"),
    ("this.a ? true : this.b", "this.a || this.b"),
    ("this.a ? false : this.b", "!this.a && this.b"),
    ("this.a ? this.b : false", "this.a && this.b"),
    ("this.a > uint(0)", "this.a > 0u"),
    ("this.a < duration('1.5h')", "this.a < duration('90m')"),
    (
        "this.a < timestamp('2020-01-01T00:00:00Z')",
        "timestamp('2020-01-01T01:00:00+01:00') > this.a",
    ),
    ("this.a > 1 ? '' : '%d is too small'.format([this.a])", "this.a > 1"),
    ("this.a > 1 ? '' : 'not ' + this.b", "this.a > 1"),
    ("this.a ? 'no a' : this.b ? 'no b' : ''", "!this.a && !this.b"),
    ("this.a ? true : false", "this.a"),
    ("this.a <= 10 * 1024", "this.a <= 10240"),
    ("this.a * this.b < 9", "this.b * this.a < 9"),
    ("'a' in this.r", "this.r.exists(x, x == 'a')"),
    ("!('a' in this.r)", "this.r.all(x, x != 'a')"),
    ("this.a.matches('^ab')", "this.a.startsWith('ab')"),
    ("this.a.matches('ab$')", "this.a.endsWith('ab')"),
    ("this.a.matches('^ab$')", "this.a == 'ab'"),
    ("this.a.matches('ab')", "this.a.contains('ab')"),
]
APART = [
    ("this.a < this.b", "this.a <= this.b"),
    ("this.a < this.b", "this.b < this.a"),
    ("this.a && this.b", "this.a || this.b"),
    ("this.a - this.b == 0", "this.b - this.a == 1"),
    ("this == 1", "this == 1.0"),
    ("this in ['a']", "this in ['a', 'b']"),
    ("this == ['a', 'b']", "this == ['b', 'a']"),
    ("this.matches('a')", "this.matches('b')"),
    ("this.a ? this.b : this.c", "this.a ? this.c : this.b"),
    ("this.a != ''", "this.a.size() > 1"),
    ("this.a == -1", "this.a == 1"),
    ("!this.a || (this.b && this.c)", "(!this.a || this.b) && this.c"),
    ("!this.all(x, x > 1)", "this.all(x, x > 1)"),
    ("this.all(x, x > 1)", "this.exists(x, x > 1)"),
    ("this.all(x, x > 1)", "this.b.all(x, x > 1)"),
    ("this.all(x, this.all(y, x < y))", "this.all(x, this.all(y, y < x))"),
    ("this.exists(x, x > 1 && x < 9)", "this.exists(x, x > 1) && this.exists(x, x < 9)"),
    ("this.a ? this.b : true", "this.a && this.b"),
    ("this.a ? true : this.b", "!this.a || this.b"),
    ("this.a < duration('1h')", "this.a < duration('1m')"),
    ("this.a < duration('-1s')", "this.a < duration('1s')"),
    ("this.a > 1 ? '' : '%s'.format([this.b])", "this.a > 1"),
    ("this.a > 1 ? '' : this.b", "this.a > 1"),
    ("this.a + this.b == 'ab'", "this.b + this.a == 'ab'"),
    ("this.a - 1 < 9", "1 - this.a < 9"),
    ("this.a.matches('^a.b')", "this.a.startsWith('a.b')"),
    ("'a' in this.r", "this.r.all(x, x == 'a')"),
    ("this.a ? 'no a' : this.b", "!this.a"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_in_other_words_has_one_form(one: str, other: str):
    """
    Whoever rewrites a rule without changing it hears nothing.
    """
    assert conjuncts([one], floats=False) == conjuncts([other], floats=False)


@pytest.mark.parametrize(("one", "other"), APART)
def test_what_differs_has_two_forms(one: str, other: str):
    """
    A form too coarse would hide a break.
    """
    assert conjuncts([one], floats=False) != conjuncts([other], floats=False)


def test_rules_may_be_split_and_joined():
    """
    Every rule of a field must hold, so two rules are their conjunction.
    """
    split = ["this.a > 1", "this.b > 2"]
    assert conjuncts(split, floats=False) == conjuncts(["this.b > 2 && this.a > 1"], floats=False)


def test_nan_is_neither_less_nor_not_less():
    """
    Of NaN, `a < b` fails and so does `a >= b`: only where no number may be NaN are they opposites.
    """
    both = ["!(this < 3.0)"], ["this >= 3.0"]
    assert conjuncts(both[0], floats=False) == conjuncts(both[1], floats=False)
    assert conjuncts(both[0], floats=True) != conjuncts(both[1], floats=True)


def test_a_field_may_be_what_an_expression_is_about():
    """
    What a field calls `this` is `this.a` of its message; of whole numbers, above 0 is at least 1.
    """
    field = ("select", ("name", "this"), "a")
    lifted = conjuncts(["this > 0"], floats=False, this=field, whole=frozenset({field}))
    assert lifted == conjuncts(["this.a >= 1"], floats=False)
    assert lifted != conjuncts(["this.b >= 1"], floats=False)
    assert lifted != conjuncts(["this > 0"], floats=False, this=field)


def test_what_cannot_be_read_is_compared_as_it_is_written():
    """
    Messages built in an expression, and what is no CEL at all.
    """
    for text in ("this == t.M{a: 1}", "this.a >"):
        assert conjuncts([text], floats=False) == conjuncts([text], floats=False)
        assert conjuncts([text], floats=False) != conjuncts([f"{text} "], floats=False)
