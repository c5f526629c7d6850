"""Provider states of the UserService, entered through its public API.

Each makes users of its own, so that interactions see nothing of one another.
"""

from __future__ import annotations

from typing import Any

from wireproof.contracts import Client

Values = dict[str, Any]


def a_user_exists(client: Client, user_id: str = "", display_name: str = "Ada Lovelace") -> Values:
    """A user; gives user_id, email, display_name, and in v2 etag."""
    name = user_id or client.unique("user")
    user = {"userId": name, "email": f"{name}@example.com", "displayName": display_name}
    created = client.call("CreateUser", {"user": user})
    created = created.get("user", created)  # v2 wraps it
    return {
        "user_id": created["userId"],
        "email": created["email"],
        "display_name": created["displayName"],
        "etag": created.get("etag", ""),
    }


def three_users_exist(client: Client) -> None:
    """So many that a page of two has a successor."""
    for _ in range(3):
        a_user_exists(client)


def nobody_has_the_user_id(client: Client) -> Values:
    """Gives a user_id that was never used."""
    return {"user_id": client.unique("nobody")}


def a_user_was_renamed(client: Client, new_name: str = "Countess of Lovelace") -> Values:
    """A user and two events; gives new_name besides."""
    values = a_user_exists(client)
    user = {"userId": values["user_id"], "displayName": new_name}
    client.call("UpdateUser", {"user": user, "updateMask": "displayName"})
    return values | {"new_name": new_name}


def a_user_was_deleted(client: Client) -> Values:
    """A user who is gone."""
    values = a_user_exists(client)
    client.call("DeleteUser", {"userId": values["user_id"]})
    return values


def a_user_was_deleted_after_a_bookmark(client: Client) -> Values:
    """A user who is gone, and as bookmark the resume token of their creation."""
    values = a_user_exists(client)
    mine = {"userIds": [values["user_id"]], "fromBeginning": True, "maxEvents": 1}
    created = client.call("StreamUserEvents", mine)[0]
    client.call("DeleteUser", {"userId": values["user_id"]})
    return values | {"bookmark": created["resumeToken"]}


STATES = {
    "a user exists": a_user_exists,
    "three users exist": three_users_exist,
    "nobody has the user_id": nobody_has_the_user_id,
    "a user was renamed": a_user_was_renamed,
    "a user was deleted": a_user_was_deleted,
    "a user was deleted after a bookmark": a_user_was_deleted_after_a_bookmark,
}
