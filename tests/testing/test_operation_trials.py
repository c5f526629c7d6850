"""Operations that go on: known, with a result of the declared type once they are done."""

from __future__ import annotations

import pytest

from tests.testing import exports
from tests.testing.test_warehouse import found
from wireproof.testing import Phase


@pytest.mark.parametrize(
    ("fault", "finding"),
    [
        (exports.Oblivious, ("OPERATION_IS_KNOWN", "StartExport")),
        (exports.Empty, ("OPERATION_HAS_RESULT", "StartExport")),
        (exports.Mistaken, ("OPERATION_TYPES_KEPT", "StartExport: response")),
        (exports.Restless, ("OPERATION_STAYS_DONE", "StartExport")),
    ],
)
def test_a_fault_is_found_by_its_check(fault, finding):
    """
    The operation is asked for until it is done, and once more.
    """
    assert finding in found(fault, phases=(Phase.EXAMPLES, Phase.STATEFUL))


def test_nothing_is_found_without_a_fault():
    """
    To be asked is what brings this one to its end.
    """
    assert found(exports.Exports, max_calls=700) == []
