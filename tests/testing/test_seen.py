"""Which values that calls have told fit which fields of requests."""

from __future__ import annotations

import grpc
import pytest

from tests.testing.shapes import schema
from wireproof.exchange import Exchange, Script, Step, StepKind, method_of, sends
from wireproof.testing.seen import Seen

METHODS = {m.name: method_of(m) for m in schema("giro").methods()}


def told(method: str, **reply: object) -> Exchange:
    """A call of *method* that was answered with that reply."""
    called = METHODS[method]
    request = called.request()
    message = schema("giro").message_class(called.gives.full_name)(**reply)
    steps = (
        Step(StepKind.SEND, request.SerializeToString()),
        Step(StepKind.RECEIVE, message.SerializeToString()),
        Step(StepKind.STATUS),
    )
    return Exchange(called, Script(sends(request)), steps, grpc.StatusCode.OK, "")


@pytest.mark.parametrize(
    ("teller", "reply", "asker", "field", "value"),
    [
        ("OpenAccount", {"iban": "XX42"}, "GetAccount", "iban", "XX42"),
        ("OpenAccount", {"iban": "XX42"}, "Transfer", "to_iban", "XX42"),
    ],
)
def test_a_field_takes_what_the_end_of_its_name_says(teller, reply, asker, field, value):
    """
    Who takes part says the beginning: `from_iban` and `to_iban` both take an `iban`.
    """
    seen = Seen(METHODS.values())
    seen.take(told(teller, **reply))
    wanted = METHODS[asker].takes.fields_by_name[field]
    assert [one for one, _ in seen.named(wanted)] == [value]
