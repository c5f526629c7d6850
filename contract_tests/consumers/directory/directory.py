"""A company's address book that keeps itself in step with the UserService.

It stands for any consumer written by another team: synchronous, small, with a stub passed in. What
it sends and needs is written down in contract.yaml beside it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import grpc
from api.user.v1 import user_bulk_pb2, user_event_pb2, user_pb2, user_requests_pb2

PAGE = 2


@dataclass(frozen=True)
class Person:
    """An entry of the book."""

    user_id: str
    email: str
    name: str


@dataclass(frozen=True)
class Imported:
    """What became of an import: the people in the book, and the lines that were refused."""

    people: tuple[Person, ...]
    refused: tuple[int, ...]


@dataclass(frozen=True)
class Change:
    """A person as they are now, or a user_id that is gone; *bookmark* is where to go on."""

    user_id: str
    person: Person | None
    bookmark: str


class Directory:
    """The address book, over a stub of the UserService."""

    def __init__(self, stub: Any) -> None:
        self._stub = stub

    def find(self, user_id: str) -> Person | None:
        """The person with this user_id, or nobody."""
        try:
            request = user_requests_pb2.GetUserRequest(user_id=user_id)
            return _person(self._stub.GetUser(request))
        except grpc.RpcError as error:
            if error.code() is grpc.StatusCode.NOT_FOUND:
                return None
            raise

    def people(self) -> Iterator[Person]:
        """Everyone, page by page."""
        token = ""
        while True:
            request = user_requests_pb2.ListUsersRequest(page_size=PAGE, page_token=token)
            page = self._stub.ListUsers(request)
            yield from map(_person, page.users)
            token = page.next_page_token
            if not token:
                return

    def bring_in(self, people: Iterable[tuple[str, str]]) -> Imported:
        """Create people from pairs of email and name."""
        requests = (_creation(email, name) for email, name in people)
        reply = self._stub.BatchCreateUsers(requests)
        refused = tuple(failure.position for failure in reply.failures)
        return Imported(tuple(map(_person, reply.created_users)), refused)

    def follow(self, user_ids: Iterable[str], bookmark: str = "") -> Generator[Change, None, None]:
        """What happens to these people, from the bookmark on; close the iterator to stop."""
        request = user_event_pb2.StreamUserEventsRequest(
            resume_token=bookmark, from_beginning=not bookmark, user_ids=user_ids
        )
        events = self._stub.StreamUserEvents(request)
        try:
            yield from filter(None, map(_change, events))
        finally:
            events.cancel()

    def rename(self, names: Iterable[tuple[str, str]]) -> Iterator[Person | None]:
        """Rename people, one after the other; None for each who does not exist."""
        requests = (
            user_bulk_pb2.SyncUserRequest(request_id=user_id, update_user=_renaming(user_id, name))
            for user_id, name in names
        )
        for reply in self._stub.SyncUsers(requests):
            yield _person(reply.user) if reply.HasField("user") else None


def _person(user: user_pb2.User) -> Person:
    return Person(user.user_id, user.email, user.display_name)


def _change(event: user_event_pb2.UserEvent) -> Change | None:
    if event.HasField("user_deleted"):
        return Change(event.user_deleted.user_id, None, event.resume_token)
    for kind in (event.user_created, event.user_updated):
        if kind.HasField("user"):
            return Change(kind.user.user_id, _person(kind.user), event.resume_token)
    return None  # a kind of event that this book does not know


def _creation(email: str, name: str) -> user_requests_pb2.CreateUserRequest:
    user = user_pb2.User(email=email, display_name=name)
    return user_requests_pb2.CreateUserRequest(user=user, idempotency_key=f"directory:{email}")


def _renaming(user_id: str, name: str) -> user_requests_pb2.UpdateUserRequest:
    request = user_requests_pb2.UpdateUserRequest()
    request.user.user_id = user_id
    request.user.display_name = name
    request.update_mask.paths.append("display_name")
    return request
