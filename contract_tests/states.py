"""Provider states of the UserService, entered through its public API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wireproof.contracts import Client


def a_user_exists(client: Client, user_id: str = "", **fields: Any) -> Mapping[str, Any]:
    """A user of its own, so that no interaction sees another's."""
    name = user_id or client.unique("u")
    defaults = {"email": f"{name}@example.com", "displayName": "Ada Lovelace"}
    user = client.call("CreateUser", {"user": {"userId": name, **defaults, **fields}})
    return {"user_id": user["userId"], "email": user["email"]}


def a_user_was_renamed(client: Client, display_name: str = "Countess") -> Mapping[str, Any]:
    values = dict(a_user_exists(client))
    user = {"userId": values["user_id"], "displayName": display_name}
    client.call("UpdateUser", {"user": user, "updateMask": "displayName"})
    return values


def a_user_was_deleted(client: Client) -> Mapping[str, Any]:
    values = dict(a_user_exists(client))
    client.call("DeleteUser", {"userId": values["user_id"]})
    return values


STATES = {
    "a user exists": a_user_exists,
    "a user was renamed": a_user_was_renamed,
    "a user was deleted": a_user_was_deleted,
}
