"""The life of a resource: nothing on a vault that does as the AIPs say, each fault is found."""

from __future__ import annotations

from typing import Any

import grpc
import pytest

from tests.testing.test_access_trials import found, outcome
from tests.testing.vault import Vault
from tests.testing.zoo import refuse


class Blind(Vault):
    """An etag is never compared."""

    def update_note(self, request, context, caller):
        request.note.etag = ""
        return super().update_note(request, context, caller)


class BlindlyDeleting(Vault):
    """An etag is never compared on delete."""

    def delete_note(self, request, context, caller):
        request.etag = ""
        return super().delete_note(request, context, caller)


class Lax(Vault):
    """Every state can be reached."""

    def transit(self, old, new, context):
        del old, new, context


class Strict(Vault):
    """What is missing is missing, whatever the request allows."""

    def update_note(self, request, context, caller):
        request.allow_missing = False
        return super().update_note(request, context, caller)


class Forgetful(Vault):
    """What is deleted is never listed."""

    def listed(self, note, caller, request):
        return super().listed(note, caller, request) and not note.HasField("delete_time")


class Repainting(Vault):
    """What comes back has lost its colour."""

    def undelete_note(self, request, context, caller):
        note: Any = self.notes.get(request.id)
        if note is not None:
            note.colour = ""
        return super().undelete_note(request, context, caller)


class Merging(Vault):
    """The mask * merges."""

    def update_note(self, request, context, caller):
        if list(request.update_mask.paths) == ["*"]:
            request.ClearField("update_mask")
        return super().update_note(request, context, caller)


class WetRun(Vault):
    """A dry run writes."""

    def update_note(self, request, context, caller):
        request.validate_only = False
        return super().update_note(request, context, caller)


class Unable(Vault):
    """No full replacement: refused, which nobody forbids."""

    def update_note(self, request, context, caller):
        if list(request.update_mask.paths) == ["*"]:
            refuse(context, grpc.StatusCode.INVALID_ARGUMENT, "no *")
        return super().update_note(request, context, caller)


@pytest.mark.parametrize(
    ("kind", "finding"),
    [
        (Blind, ("STALE_ETAG_ABORTED", "UpdateNote")),
        (BlindlyDeleting, ("STALE_ETAG_ABORTED", "DeleteNote")),
        (Lax, ("TRANSITION_REFUSED", "UpdateNote: PHASE_SEALED")),
        (Strict, ("ALLOW_MISSING_HONOURED", "UpdateNote")),
        (Forgetful, ("SHOW_DELETED_HONOURED", "ListNotes")),
        (Repainting, ("UNDELETE_RESTORES", "UndeleteNote: colour")),
        (Merging, ("WILDCARD_REPLACES", "UpdateNote: colour")),
        (WetRun, ("DRY_RUN_CHANGES_NOTHING", "UpdateNote")),
    ],
)
def test_a_fault_in_the_life_of_a_resource_is_found(kind, finding):
    """
    And found alone: the rest of the vault is healthy.
    """
    assert found(outcome(kind)) == {finding}


def test_what_is_refused_instead_is_let_be():
    """
    A server need not offer a full replacement.
    """
    assert found(outcome(Unable)) == set()
