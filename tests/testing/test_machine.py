"""Sequences beside a model: faults that no fixed probe meets, shrunk, and found again by seed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.testing.asked import patient
from tests.testing.test_access_trials import CALLERS
from tests.testing.vault import Vault, open_vault
from wireproof.checks import Profile
from wireproof.exchange.door import Door
from wireproof.schema.target import target_of
from wireproof.testing.infer import infer
from wireproof.testing.machine import sequences
from wireproof.testing.model import program
from wireproof.testing.runner import select
from wireproof.testing.session import Session
from wireproof.testing.trial import Trials


class Mixing(Vault):
    """Every note lends its colour to the one made two before it."""

    def create_note(self, request, context, caller):
        made = super().create_note(request, context, caller)
        if len(self.notes) > 2:
            list(self.notes.values())[-3].colour = made.colour
        return made


class Stale(Vault):
    """Get remembers what it has told of a note that has changed more than once."""

    def __init__(self) -> None:
        super().__init__()
        self.told: dict[str, Any] = {}
        self.changes: dict[str, int] = {}

    def update_note(self, request, context, caller):
        made = super().update_note(request, context, caller)
        self.changes[made.id] = self.changes.get(made.id, 0) + 1
        if self.changes[made.id] == 2:
            self.told[made.id] = made
        return made

    def get_note(self, request, context, caller):
        note = super().get_note(request, context, caller)
        return self.told.get(request.id, note) if not note.HasField("delete_time") else note


class Rising(Vault):
    """A deleted note is back once another is deleted."""

    def delete_note(self, request, context, caller):
        gone = [note for note in self.notes.values() if note.HasField("delete_time")]
        deleted = super().delete_note(request, context, caller)
        for note in gone:
            note.ClearField("delete_time")
        return deleted


def searched(kind: type[Vault], seed: int = 0) -> list[str]:
    """The sequences that show something, in the order of the resources."""
    with open_vault(kind) as (address, schema):
        options = patient(seed=seed, profiles=(Profile.GRPC, Profile.AIP), credentials=CALLERS)
        selection = select(schema, options, loopback=True)
        with Door(target_of(address)) as door:
            proofs = {name: caller.metadata(name) for name, caller in CALLERS.items()}
            api = infer(schema, selection.callable)
            session = Session(door, schema, api, options, proofs)
            trials = Trials(session, options)
            rows = sequences(session, trials, selection.targets)
            found = [trial for row in rows for trial in row.steps if trial is not None]
            for trial in found:
                trials.run(trial)
            assert all(one.check.id == "SEQUENCE_AGREES" for one in trials.found.values())
            assert not any(one.flaky for one in trials.found.values())
            return [trial.kind for trial in found]


def test_nothing_diverges_on_a_healthy_vault():
    """
    Soft deletion, undeletion and a stream across it all.
    """
    assert searched(Vault) == []


@pytest.mark.parametrize(
    ("kind", "steps"),
    [
        (Mixing, ["create", "create", "create"]),
        (Stale, ["create", "update", "update", "update"]),
        (Rising, ["create", "create", "delete", "delete"]),
    ],
)
def test_a_fault_of_a_sequence_is_found_and_shrunk(kind, steps):
    """
    No more steps than the fault needs.
    """
    (found,) = searched(kind)
    assert sorted(step.do for step in program(found)) == steps


def test_the_same_seed_makes_the_same_sequence():
    """
    And a replay file holds it as text.
    """
    assert searched(Rising, seed=3) == searched(Rising, seed=3)
