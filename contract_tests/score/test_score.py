"""The score, and the disguises under which it is taken a second time."""

from __future__ import annotations

import re

import pytest

from contract_tests.faults.catalogue import FAULTS, HEALTHY
from contract_tests.faults.names import COUNTER, DISGUISES, PARCELS
from contract_tests.score.runs import Outcome, every_run, plain_schema
from contract_tests.score.table import README, SCORE, document, every_fault, summary
from wireproof.exchange import method_of
from wireproof.testing.infer import infer

PLAIN = plain_schema()


def names_in(message) -> set[str]:
    """Every string of a descriptor."""
    found: set[str] = set()
    for field, value in message.ListFields():
        for one in value if field.is_repeated else [value]:
            if field.message_type:
                found |= names_in(one)
            elif isinstance(one, str):
                found.add(one)
    return found


@pytest.mark.parametrize("disguise", [PARCELS, COUNTER], ids=lambda one: one.id)
def test_a_disguise_leaves_no_name_of_the_original(disguise):
    """
    No name of a message, field, value, method or package survives, types of others excepted.
    """
    kept = set()
    for file in disguise.schema(PLAIN).own_files():
        if file.package.startswith("wireproof."):
            continue
        kept |= {one for one in names_in(file) if re.search("user|profile|skill", one, re.I)}
    assert {one for one in kept if not one.endswith("userv1")} == set()


@pytest.mark.parametrize("disguise", [PARCELS, COUNTER], ids=lambda one: one.id)
def test_what_methods_do_is_read_off_annotations_and_messages(disguise):
    """
    The same roles as under the usual names.
    """

    def roles(schema):
        return [o.role for _, o in infer(schema, map(method_of, schema.methods())).operations()]

    assert roles(disguise.schema(PLAIN)) == roles(PLAIN)


def test_every_fault_has_a_name_of_its_own():
    """
    A name twice would hide a fault.
    """
    names = [fault.id for fault in FAULTS]
    assert len(names) == len(set(names))


def test_the_healthy_service_goes_first_and_each_seed_gets_every_fault():
    """
    What takes longest is known first.
    """
    runs = every_run(("user", "parcel"), seeds=2)
    assert runs[0].fault == HEALTHY.id
    assert len(runs) == 2 * 2 * (len(FAULTS) + 1)


def test_a_score_counts_the_seeds_that_found_a_fault_within_each_budget():
    """
    A finding on the healthy service is a false alarm, one check at one place each.
    """
    name = FAULTS[0].id
    outcomes = [
        Outcome("user", HEALTHY.id, 0, 10_000, None, ()),
        Outcome("user", HEALTHY.id, 1, 10_000, 20, ("A x", "B x")),
        Outcome("user", name, 0, 90, 80, ("A x",)),
        Outcome("user", name, 1, 2_000, 1_900, ("B y",)),
    ]
    score = document(outcomes, complete=True)
    assert score["false_alarms"] == 2
    assert score["faults"][0] == {
        "id": name,
        "seeds": 2,
        "found": {"100": 1, "1000": 1, "10000": 2},
        "first_call": 990,
        "by": ["A", "B"],
    }


def test_the_tables_name_every_fault():
    """
    What was not found stays visible.
    """
    score = document([Outcome("user", HEALTHY.id, 0, 10_000, None, ())], complete=False)
    assert all(f"| {fault.id} |" in every_fault(score) for fault in FAULTS)
    assert f"0 of {len(FAULTS)}" in summary(score)


def test_every_disguise_is_scored():
    """
    A disguise that nobody wears proves nothing.
    """
    assert {run.names for run in every_run(tuple(DISGUISES))} == set(DISGUISES)


def test_the_committed_tables_name_the_faults_that_there_are():
    """
    A fault that was added since is missing from them until the score is taken again.
    """
    known = {fault.id for fault in FAULTS}
    told = re.findall(r"^\| ([a-z0-9-]+) \|", SCORE.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(told) - {"fault", "---"} == known
    assert f" of {len(known)} |" in README.read_text(encoding="utf-8")
