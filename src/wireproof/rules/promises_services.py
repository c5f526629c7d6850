"""Rules over what google.api's annotations and conventions promise of services as a whole."""

from __future__ import annotations

from collections.abc import Iterator

from wireproof.changes import kinds
from wireproof.changes.options import option
from wireproof.finding import Breaks
from wireproof.rules.context import Context
from wireproof.rules.rule import Break, Flow, Rule
from wireproof.schema.elements import MessageType, Rpc, Service

HOST, SCOPES = 1049, 1050
"""Extension numbers of google.api's `default_host` and `oauth_scopes`."""
_OLD = frozenset({Breaks.OLD_CLIENT})
_TOKEN, _NEXT = "page_token", "next_page_token"
_BY_HAND = "No code checks it: clients and servers honour it by hand."


def host_changed(change: kinds.CustomOptionChanged, context: Context) -> Iterator[Break]:
    if change.number != HOST or not isinstance(change.old, Service):
        return
    was = option(change.old, HOST, context.versions.old_pool)
    now = option(change.new, HOST, context.versions.new_pool)
    if was:
        yield Break(was, now or "no host", promise=Flow.OLD_TO_NEW, hits=_OLD)


def scope_removed(change: kinds.CustomOptionChanged, context: Context) -> Iterator[Break]:
    if change.number != SCOPES or not isinstance(change.old, Service):
        return
    was = _scopes(option(change.old, SCOPES, context.versions.old_pool))
    now = _scopes(option(change.new, SCOPES, context.versions.new_pool))
    if gone := [scope for scope in was if scope not in now]:
        found = ", ".join(now) or "no scope"
        yield Break(", ".join(gone), found, promise=Flow.OLD_TO_NEW, hits=_OLD)


def _scopes(said: str | None) -> list[str]:
    return [scope.strip() for scope in (said or "").split(",") if scope.strip()]


def paged(change: kinds.FieldAdded, context: Context) -> Iterator[Break]:
    """The reply of a method that had no pages tells where the next one begins."""
    reply = change.message
    if reply is None or change.new.name != _NEXT or not any(f.repeated for f in reply.fields):
        return
    if methods := [rpc for rpc in _answering(reply, context) if _asks_newly(rpc, context)]:
        names = ", ".join(rpc.full_name for rpc in methods)
        yield Break(f"all of it in one reply of {names}", "pages", rpc=Flow.OLD_TO_NEW)


def _answering(reply: MessageType, context: Context) -> Iterator[Rpc]:
    for service in context.versions.old.services.values():
        yield from (rpc for rpc in service.rpcs.values() if rpc.response == reply.full_name)


def _asks_newly(rpc: Rpc, context: Context) -> bool:
    was = context.old_message(rpc.request)
    now = context.new_message(context.versions.new_name(rpc.request))
    return bool(was and now and _TOKEN in now.by_name and _TOKEN not in was.by_name)


RULES: tuple[Rule, ...] = (
    Rule(
        id="SERVICE_HOST_CHANGED",
        on=(kinds.CustomOptionChanged,),
        check=host_changed,
        says="{subject} is at {found}, no longer at {promised}",
        why="Generated clients of earlier versions call the host that they were built with.",
        fix="Serve the old host for as long as such clients exist.",
        unshown=_BY_HAND,
    ),
    Rule(
        id="OAUTH_SCOPE_REMOVED",
        on=(kinds.CustomOptionChanged,),
        check=scope_removed,
        says="{subject} no longer takes the scope {promised}, it takes {found}",
        why="Callers whose token has that scope alone are refused.",
        fix="Keep the scope beside the new ones.",
        unshown=_BY_HAND,
    ),
    Rule(
        id="PAGINATION_ADDED",
        on=(kinds.FieldAdded,),
        check=paged,
        says="{subject} was added: callers got {promised}, and get {found} now",
        why="Old clients ask for no second page and take the first for everything (AIP-158).",
        fix="Answer everything where no page_size is asked for, or add another method.",
        unshown="How much a page holds is for the server to say.",
    ),
)
