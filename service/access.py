"""Who may do what: users see and change themselves, moderators read, administrators do all.

A method without a row is closed to everybody. A rule sees the caller and the request, never what is
stored, so that its answer cannot depend on whether a user exists.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from service import errors, masks
from service.model import Caller, Role, Status

Rule: TypeAlias = Callable[[Caller, Any], bool]

V1, V2 = "/api.user.v1.UserService/", "/api.user.v2.UserService/"
PRIVILEGED = {"role", "status"}  # what users cannot change about themselves


def anyone(caller: Caller, request: Any) -> bool:  # noqa: ARG001
    return True


def admins(caller: Caller, request: Any) -> bool:  # noqa: ARG001
    return caller.admin


def readers(caller: Caller, request: Any) -> bool:  # noqa: ARG001
    return caller.role in (Role.MODERATOR, Role.ADMIN)


def reads_user(caller: Caller, request: Any) -> bool:
    return readers(caller, request) or _own(caller, request.user_id)


def reads_events(caller: Caller, request: Any) -> bool:
    mine = bool(request.user_ids) and all(_own(caller, one) for one in request.user_ids)
    return readers(caller, request) or mine


def creates(caller: Caller, request: Any) -> bool:
    """Users sign up under their own name, without privileges."""
    user = request.user
    plain = user.role in (0, Role.USER) and user.status in (0, Status.ACTIVE)
    return caller.admin or (plain and _own(caller, user.user_id))


def updates(caller: Caller, request: Any) -> bool:
    return caller.admin or (_own(caller, request.user.user_id) and not _privileged(request))


def deletes(caller: Caller, request: Any) -> bool:
    return caller.admin or _own(caller, request.user_id)


def operates(caller: Caller, request: Any) -> bool:
    """One operation of a synchronisation: as the method that does the same."""
    operation = request.WhichOneof("operation")
    return operation is None or OPERATIONS[operation](caller, getattr(request, operation))


RULES: Mapping[str, Rule] = {  # in both versions
    "GetUser": reads_user,
    "ListUsers": readers,
    "CreateUser": creates,
    "UpdateUser": updates,
    "DeleteUser": deletes,
    "StreamUserEvents": reads_events,
    "BatchCreateUsers": admins,
    "SyncUsers": anyone,  # each operation is judged when it comes
}
METHODS: Mapping[str, Rule] = {
    **{V1 + name: rule for name, rule in RULES.items()},
    **{V2 + name: rule for name, rule in RULES.items()},
    V2 + "UndeleteUser": admins,  # whom an administrator deleted must not bring themselves back
}
OPERATIONS: Mapping[str, Rule] = {
    "create_user": creates,
    "update_user": updates,
    "delete_user": deletes,
    "undelete_user": admins,
}


def nobody(caller: Caller, request: Any) -> bool:  # noqa: ARG001
    return False


def require(rule: Rule, caller: Caller, request: Any) -> None:
    """Refuse what the rule does not allow, in words that tell nothing."""
    if caller.bound and not rule(caller, request):
        raise errors.not_allowed()


def _own(caller: Caller, user_id: str) -> bool:
    return bool(caller.name) and user_id == caller.name


def _privileged(request: Any) -> bool:
    """Whether an update reaches a privileged field; an impossible mask reaches none."""
    try:
        paths = masks.resolve(request.user.DESCRIPTOR, request.update_mask.paths)
    except masks.ImpossiblePathError:
        return False
    reached = {path[0] for path in paths or masks.populated(request.user)}
    return masks.WILDCARD in reached or not PRIVILEGED.isdisjoint(reached)
