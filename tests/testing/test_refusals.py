"""What the words of a refusal tell of the request that it refuses."""

from __future__ import annotations

import grpc
import pytest

from tests.testing.shapes import schema
from wireproof.exchange import Exchange, Script, Step, StepKind, method_of, sends
from wireproof.testing import refusals

TRANSFER = next(m for m in schema("giro").methods() if m.name == "Transfer")


def refused(words: str, **sent: object) -> Exchange:
    """A transfer, refused with those *words*."""
    method = method_of(TRANSFER)
    request = method.request(**sent)
    return Exchange(
        method=method,
        script=Script(sends(request)),
        steps=(Step(StepKind.SEND, request.SerializeToString()), Step(StepKind.STATUS)),
        code=grpc.StatusCode.NOT_FOUND,
        message=words,
    )


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("no account XX42", ["from_iban"]),
        ("no account XX4", []),
        ("to_iban: XX42 is closed", ["to_iban", "from_iban"]),
        ("nothing is known of 7", []),
    ],
)
def test_a_field_is_meant_by_its_name_or_by_its_value(words, meant):
    """
    A value of a few letters may stand in any message, and tells nothing.
    """
    x = refused(words, from_iban="XX42", to_iban="YY7", amount=7)
    fields = refusals.blamed(TRANSFER.input_type.fields, (), x.message, refusals.repeated(x))
    assert [field.name for field in fields] == meant


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("valid: EUR, USD", ["EUR", "USD"]),
        ("invalid query: no expression", []),
    ],
)
def test_what_is_listed_as_valid_is_offered(words, offered):
    """
    What is listed as invalid is not.
    """
    assert list(refusals.offered(refused(words))) == offered
