"""Witnesses for enums: a field that holds the enum, written by one version, read by the other."""

from __future__ import annotations

from typing import Any

from wireproof.finding import Witness
from wireproof.rules.context import Context
from wireproof.rules.rule import Break, Flow


def enum_trip(change: Any, broken: Break, flow: Flow, context: Context) -> Witness | None:
    """Each value in a message of one field, since any field of the enum shows the same."""
    from wireproof.witness.enums import enum_witness

    for forth in (Flow.OLD_TO_NEW, Flow.NEW_TO_OLD):
        wire, json = broken.wire & forth & flow, broken.json & forth & flow
        if wire or json:
            old_writes = forth is Flow.OLD_TO_NEW
            found = enum_witness(change, context.versions, old_writes=old_writes, wire=bool(wire))
            if found:
                return found
    return None
