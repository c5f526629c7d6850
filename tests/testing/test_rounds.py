"""Phases and methods in rounds: each has its share of a budget, and what is left over goes on."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from tests.testing.test_runner import outcome
from tests.testing.zoo import Zoo
from wireproof.exchange import method_of
from wireproof.report.test import unfinished_words
from wireproof.schema.source import load
from wireproof.testing.generated import Sample
from wireproof.testing.ground import Ground
from wireproof.testing.options import Phase
from wireproof.testing.rounds import Row, Unfinished, in_rounds, phase, unfinished
from wireproof.testing.together import grouped, halves


class Calls:
    """Rows whose steps cost calls."""

    def __init__(self) -> None:
        self.session: Any = SimpleNamespace(calls=0)

    def row(self, name: str, *costs: int, **how: Any) -> Row:
        def steps() -> Iterator[Any]:
            for cost in costs:
                self.session.calls += cost
                yield SimpleNamespace(name=name)

        return Row(name, steps(), **how)

    def order(self, *rows: Row, most: int = 1000) -> str:
        """Whose step came after whose, until *most* calls were made."""
        names = ""
        for step in in_rounds(self.session, rows):
            assert step is not None
            names += step.name
            if self.session.calls >= most:
                break
        return names


@pytest.fixture
def calls():
    return Calls()


def test_each_row_has_its_share_of_the_calls(calls):
    """
    Of twelve calls, three in four are those of the row with three shares.
    """
    done = calls.order(calls.row("a", *[1] * 50, share=3), calls.row("b", *[1] * 50), most=12)
    assert (done.count("a"), done.count("b")) == (9, 3)


def test_a_costly_step_is_paid_for_before_the_next(calls):
    """
    Calls are shared, not steps.
    """
    assert calls.order(calls.row("a", 5, 5), calls.row("b", *[1] * 9)) == "abbbbb" + "a" + "bbbb"


def test_what_one_row_leaves_goes_to_the_others(calls):
    """
    A row that has come to its end holds nobody up.
    """
    assert calls.order(calls.row("a", 1), calls.row("b", 1, 1, 1, 1)) == "abbbb"


def test_who_takes_many_calls_at_once_waits_until_the_others_had_as_many(calls):
    """
    A round of a hundred calls does not come before the first call of another row.
    """
    rows = calls.row("a", 4, at_once=4), calls.row("b", *[1] * 6)
    assert calls.order(*rows) == "bbb" + "a" + "bbb"


def test_a_phase_shares_among_its_methods_what_it_gets(calls):
    """
    Breadth goes before depth within a phase too.
    """
    inner = phase(calls.session, "p", [calls.row("a", 1, 1), calls.row("b", 1, 1)], share=1)
    assert calls.order(inner, calls.row("c", 1, 1)) == "acbcab"


def test_what_was_not_reached_is_told(calls):
    """
    Cut short, not begun, and by no means what has ended.
    """
    rows = [calls.row("a", 1), calls.row("b", 1, 1, 1), calls.row("c", 1, at_once=9)]
    phases = [phase(calls.session, "p", rows, share=1), calls.row("q", 1, at_once=9)]
    calls.order(*phases, most=3)
    assert unfinished(phases) == (
        Unfinished("p", "b", begun=True),
        Unfinished("p", "c", begun=False),
        Unfinished("q", "", begun=False),
    )


def test_a_small_budget_reaches_every_phase_and_says_what_it_did_not_finish():
    """
    Sequences, rules, values and bytes each have calls among the first sixty.
    """
    report = outcome(Zoo, phases=tuple(Phase), max_calls=60)
    begun = {one.phase for one in report.unfinished if one.begun}
    assert begun == {Phase.STATEFUL, Phase.COVERAGE, Phase.WIRE}
    words = list(unfinished_words(report))
    assert any("coverage of" in line and line.endswith("was cut short") for line in words)
    assert any("fuzzing was not begun" in line for line in words)


SHOP = """\
syntax = "proto3";
package shop.v1;
message Item { string name = 1; int32 count = 2; map<string, Part> parts = 3; }
message Part { string size = 1; }
message AddRequest { Item item = 1; oneof of { string who = 2; int32 id = 3; } string note = 4; }
message PutRequest { Item item = 1; bool now = 2; }
message Done {}
service Shop { rpc Add(AddRequest) returns (Done); rpc Put(PutRequest) returns (Done); }
"""


@pytest.fixture
def shop(tmp_path):
    (tmp_path / "shop.proto").write_text(SHOP, encoding="utf-8")
    return {m.name: method_of(m) for m in load(str(tmp_path)).methods()}


def sample(kind: Any, path: str, **values: Any) -> Sample:
    return Sample(kind(**values), path)


def test_variations_of_different_fields_go_in_one_request(shop):
    """
    Two of one field need two requests, and so do two branches of a oneof.
    """
    add = shop["Add"].request
    samples = [
        sample(add, "note", note="x", item={"count": 1}),
        sample(add, "note", note="y", item={"count": 1}),
        sample(add, "item.name", item={"name": "n", "count": 1}),
        sample(add, "who", who="w", item={"count": 1}),
        sample(add, "id", id=7, item={"count": 1}),
    ]
    groups = grouped(samples, lambda _: True)
    assert [group.message for group in groups] == [
        add(note="x", item={"name": "n", "count": 1}, who="w"),
        add(note="y", item={"count": 1}, id=7),
    ]
    assert [[one.path for one in half.samples] for half in halves(groups[0])] == [
        ["note"],
        ["item.name", "who"],
    ]


def test_what_would_break_a_rule_stays_apart(shop):
    """
    The rules of a message may tie its fields together.
    """
    add = shop["Add"].request
    samples = [sample(add, "note", note="x"), sample(add, "id", id=7)]

    def keeps(message: Any) -> bool:
        return not (message.note and message.id)

    groups = grouped(samples, keeps)
    assert [group.message for group in groups] == [add(note="x"), add(id=7)]


def test_the_first_method_with_a_field_tries_it(shop):
    """
    Through lists and the values of maps too; each method has its own fields and its own message.
    """
    ground = Ground(shop.values())
    paths = ("", "item", "item.name", "item.parts.size")
    assert [ground.new(shop["Add"], path) for path in paths] == [True] * 4
    assert [ground.new(shop["Put"], path) for path in paths] == [True, True, False, False]
    assert ground.new(shop["Put"], "now")
