"""Resources and standard methods are read off descriptors, whatever things are called."""

from __future__ import annotations

import pytest

from tests.testing.zoo import schema
from wireproof.exchange import method_of
from wireproof.testing import names
from wireproof.testing.api import Role
from wireproof.testing.infer import infer


def zoo():
    known = schema()
    return infer(known, [method_of(method) for method in known.methods()])


def test_the_resource_is_what_is_got_and_made():
    """
    No annotation says so, and nothing is called `id`.
    """
    assert [(r.type.full_name, r.id) for r in zoo().resources] == [("zoo.Beast", "tag")]


def test_every_method_has_its_role():
    """
    Verbs are read as people use them.
    """
    (resource,) = zoo().resources
    assert {role: op.method.name for role, op in resource.operations.items()} == {
        Role.GET: "FetchBeast",
        Role.LIST: "SearchBeasts",
        Role.CREATE: "AddBeast",
        Role.UPDATE: "ModifyBeast",
        Role.DELETE: "RemoveBeast",
    }


def test_the_parts_of_a_request_are_found_by_type():
    """
    The carried thing, what names it, the mask, what the reply wraps.
    """
    (resource,) = zoo().resources
    update = resource.operations[Role.UPDATE]
    assert (update.carrier, update.id, update.mask) == ("beast", "beast.tag", "only")
    create = resource.operations[Role.CREATE]
    assert (create.carrier, create.result) == ("beast", "beast")


def test_without_annotations_nobody_promised_the_aips():
    """
    A service that never promised them is not accused of them.
    """
    assert not any(operation.promises_aip for _, operation in zoo().operations())


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("user_created", ["create"]),
        ("user_updated", ["update"]),
        ("user_deleted", ["delete"]),
        ("user_undeleted", []),
        ("order_un_deleted", []),
        ("item_removed", ["delete"]),
        ("unrelated_removed", ["delete"]),
    ],
)
def test_the_name_of_a_branch_says_what_it_tells_of(name, told):
    """What is undone is not what was done."""
    assert [kind for kind in ("create", "update", "delete") if names.tells_of(name, kind)] == told
