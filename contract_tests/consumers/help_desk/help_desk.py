"""A help desk: it looks at accounts, undoes deletions, corrects names, and reads what happened.

A consumer of api.user.v2, synchronous, with a stub passed in. What it sends and needs is written
down in contract.yaml beside it.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import grpc
from api.user.v2 import user_event_pb2, user_pb2
from api.user.v2 import user_requests_pb2 as requests
from google.protobuf.field_mask_pb2 import FieldMask


@dataclass(frozen=True)
class Account:
    """An account as the desk shows it; *seen* is the state that a change starts from."""

    user_id: str
    name: str
    deleted: bool
    seen: str = ""


class ChangedMeanwhileError(Exception):
    """Somebody else was faster: look at the account again."""


class HelpDesk:
    """The desk, over a stub of the UserService."""

    def __init__(self, stub: Any) -> None:
        self._stub = stub

    def account(self, user_id: str) -> Account:
        """The account, deleted or not."""
        return _account(self._stub.GetUser(requests.GetUserRequest(user_id=user_id)).user)

    def bring_back(self, user_id: str) -> Account | None:
        """The account that came back; None where it was never away."""
        try:
            request = requests.UndeleteUserRequest(user_id=user_id)
            return _account(self._stub.UndeleteUser(request).user)
        except grpc.RpcError as error:
            if error.code() is grpc.StatusCode.ALREADY_EXISTS:
                return None
            raise

    def rename(self, account: Account, name: str) -> Account:
        """Correct the name of an account that still is as it was seen."""
        user = user_pb2.User(user_id=account.user_id, display_name=name, etag=account.seen)
        mask = FieldMask(paths=["display_name"])
        try:
            request = requests.UpdateUserRequest(user=user, update_mask=mask)
            return _account(self._stub.UpdateUser(request).user)
        except grpc.RpcError as error:
            if error.code() is grpc.StatusCode.ABORTED:
                raise ChangedMeanwhileError from error
            raise

    def history(self, user_id: str) -> Generator[str, None, None]:
        """What happened to an account, from the beginning on; closing it ends the call."""
        request = user_event_pb2.StreamUserEventsRequest(from_beginning=True, user_ids=[user_id])
        call = self._stub.StreamUserEvents(request)
        try:
            for batch in call:
                for event in batch.events:
                    yield str(event.WhichOneof("event"))
        finally:
            call.cancel()


def _account(user: user_pb2.User) -> Account:
    return Account(user.user_id, user.display_name, user.HasField("delete_time"), user.etag)
