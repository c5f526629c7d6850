"""Trials of methods that set one field of a thing: what they were not told of stays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from wireproof.checks.actions import Cleared
from wireproof.checks.compare import branches, is_set, same
from wireproof.checks.observations import Observation
from wireproof.testing.actions import Action

_STATES = (FieldDescriptor.TYPE_ENUM, FieldDescriptor.TYPE_BOOL)


def rest_kept(action: Action) -> Iterator[Observation]:
    """A thing with all that a create takes, then the call: what was set is set afterwards."""
    things, setting = action.things, _setting(action)
    made = things.made() if setting else None
    if made is None:
        return
    id_ = things.id_of(made.thing)
    _, before = things.read(id_)
    request: Any = action.request()
    setattr(request, action.fields[0].name, id_)
    x = action.call(request) if before is not None else None
    if before is None or x is None or not x.ok:
        return
    chosen = {
        field.name
        for field, _ in made.sent.ListFields()
        if field.name not in setting and same(made.sent, before, field.name)
    }
    chosen -= {branch for name in setting for branch in branches(before, name)}
    read, after = things.read_until(id_, lambda now: now is not None and now != before)
    if after is not None:
        gone = sorted(name for name in chosen if not is_set(after, name))
        yield Cleared(action.method, (made.exchange, x, read), tuple(gone))


def _setting(action: Action) -> frozenset[str]:
    """The fields of the thing that a request sets, where it has no others but its name.

    Of other methods, and of new states, to clear something may be what they are for.
    """
    theirs = action.resource.type.fields_by_name
    others = [field for field in action.method.takes.fields if field not in action.fields]
    alike = all(f.name in theirs and theirs[f.name].type == f.type not in _STATES for f in others)
    return frozenset(f.name for f in others if alike and len(action.fields) == 1)
