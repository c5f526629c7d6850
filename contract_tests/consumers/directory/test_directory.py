"""The address book against its own contract: it sends what that says, and needs no more."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from api.user.v1 import user_service_pb2
from api.user.v1.user_service_pb2_grpc import UserServiceStub

from contract_tests.consumers.directory.directory import Change, Directory, Imported, Person
from contract_tests.consumers.stand_in import kept
from wireproof.contracts import read_contract

CONTRACT = read_contract(Path(__file__).with_name("contract.yaml"))
ADA = Person("u-1", "ada@example.com", "Ada")

keeps = partial(
    kept,
    CONTRACT,
    service=user_service_pb2.DESCRIPTOR.services_by_name["UserService"],
    stub=UserServiceStub,
    user_id="u-1",
    email="ada@example.com",
    display_name="Ada",
    new_name="Countess",
    bookmark="t-2",
    unique="7",
)


def test_a_person_is_found():
    """The three fields of an entry are all that a reply must have."""
    assert keeps("finds a person", lambda stub: Directory(stub).find("u-1")) == ADA


@pytest.mark.parametrize("name", ["finds nobody", "finds nobody who was deleted"])
def test_who_does_not_exist_is_nobody(name):
    """NOT_FOUND is an answer, not an error."""
    assert keeps(name, lambda stub: Directory(stub).find("u-1")) is None


def test_people_come_page_by_page():
    """Another page is asked for only when the first one is read."""

    def first_page(stub):
        people = Directory(stub).people()
        return [next(people), next(people)]

    found = keeps("lists a page of people", first_page)
    assert found == [ADA, Person("u-2", "grace@example.com", "Grace")]


def test_an_import_tells_what_was_refused():
    """One bad line stops no other."""
    people = [
        ("ada.7@example.com", "Ada"),
        ("nobody", "Nobody"),
        ("grace.7@example.com", "Grace"),
    ]
    imported = keeps(
        "brings people in, the last one too", lambda stub: Directory(stub).bring_in(people)
    )
    created = (
        Person("u-1", "ada.7@example.com", "Ada"),
        Person("u-2", "grace.7@example.com", "Grace"),
    )
    assert imported == Imported(created, refused=(1,))


def test_changes_are_followed_and_bookmarked():
    """Who closes the iterator cancels the call."""

    def two_changes(stub):
        changes = Directory(stub).follow(["u-1"])
        seen = [next(changes), next(changes)]
        changes.close()
        return seen

    renamed = Person("u-1", "ada@example.com", "Countess")
    assert keeps("follows a person from the beginning", two_changes) == [
        Change("u-1", ADA, "t-1"),
        Change("u-1", renamed, "t-2"),
    ]


def test_following_goes_on_at_a_bookmark():
    """A person who is gone is a change without a person."""

    def one_change(stub):
        changes = Directory(stub).follow(["u-1"], bookmark="t-2")
        seen = next(changes)
        changes.close()
        return seen

    assert keeps("goes on at its bookmark", one_change) == Change("u-1", None, "t-3")


def test_people_are_renamed_one_after_the_other():
    """A person who does not exist is None, and the next one has their turn."""
    names = [("u-1", "Countess"), ("nobody-7", "Nobody")]
    renamed = keeps("renames people", lambda stub: list(Directory(stub).rename(names)))
    assert renamed == [Person("u-1", "ada@example.com", "Countess"), None]


def test_every_interaction_of_the_contract_is_kept():
    """A contract says nothing that no test of its consumer shows."""
    source = Path(__file__).read_text(encoding="utf-8")
    assert [one.name for one in CONTRACT.interactions if f'"{one.name}"' not in source] == []
