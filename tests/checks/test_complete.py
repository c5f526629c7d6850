"""Every check has something that it accuses."""

from __future__ import annotations

from tests.checks import test_actions, test_agreement, test_itself, test_observations
from wireproof.checks import CHECKS
from wireproof.exchange import Exchange


def test_every_check_over_sequences_has_a_faulty_one():
    """
    A check that nothing triggers is no check.
    """
    modules = (test_observations, test_agreement, test_itself, test_actions)
    tables = (module.FAULTY for module in modules)
    faulty = (row for table in tables for row in table.values())
    told = {id_ for _, ids in faulty for id_ in ids}
    assert told == {check.id for check in CHECKS if check.on is not Exchange}
