"""The help desk against its own contract: it sends what that says, and needs no more."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from api.user.v2 import user_service_pb2
from api.user.v2.user_service_pb2_grpc import UserServiceStub

from contract_tests.consumers.help_desk.help_desk import Account, ChangedMeanwhileError, HelpDesk
from contract_tests.consumers.stand_in import kept
from wireproof.contracts import read_contract

CONTRACT = read_contract(Path(__file__).with_name("contract.yaml"))

keeps = partial(
    kept,
    CONTRACT,
    service=user_service_pb2.DESCRIPTOR.services_by_name["UserService"],
    stub=UserServiceStub,
    user_id="u-1",
    email="ada@example.com",
    display_name="Ada",
    new_name="Countess",
    etag="1",
)


def test_who_was_deleted_is_still_seen():
    """The desk tells by the time of the deletion."""
    found = keeps("sees that somebody was deleted", lambda stub: HelpDesk(stub).account("u-1"))
    assert found == Account("u-1", "Ada", deleted=True)


def test_who_comes_back_is_there():
    """Without a time of deletion."""
    found = keeps("brings somebody back", lambda stub: HelpDesk(stub).bring_back("u-1"))
    assert found == Account("u-1", "Ada", deleted=False)


def test_who_is_there_does_not_come_back():
    """ALREADY_EXISTS is an answer, not an error."""
    name = "brings nobody back who is there"
    assert keeps(name, lambda stub: HelpDesk(stub).bring_back("u-1")) is None


def test_a_name_is_corrected():
    """The state that was seen goes out, the new one comes back."""
    ada = Account("u-1", "Ada", deleted=False, seen="1")
    renamed = keeps("renames whom it sees", lambda stub: HelpDesk(stub).rename(ada, "Countess"))
    assert renamed == Account("u-1", "Countess", deleted=False, seen='"2"')


def test_whoever_was_faster_is_not_overwritten():
    """ABORTED has its own error: the desk shows the account again."""
    ada = Account("u-1", "Ada", deleted=False, seen='"stale"')
    with pytest.raises(ChangedMeanwhileError):
        keeps(
            "renames nobody who has changed meanwhile",
            lambda stub: HelpDesk(stub).rename(ada, "Countess"),
        )


def test_history_is_read_batch_by_batch():
    """Whoever closes it ends the call."""

    def first(stub):
        history = HelpDesk(stub).history("u-1")
        seen = next(history)
        history.close()
        return seen

    assert keeps("reads what happened to somebody", first) == "user_created"


def test_every_interaction_of_the_contract_is_kept():
    """A contract says nothing that no test of its consumer shows."""
    source = Path(__file__).read_text(encoding="utf-8")
    assert [one.name for one in CONTRACT.interactions if f'"{one.name}"' not in source] == []
