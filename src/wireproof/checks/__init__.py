"""What a service owes its callers: rows with pure functions over what was observed."""

from collections.abc import Mapping
from typing import Any

from wireproof.checks.access import ACCESS
from wireproof.checks.actions import ACTIONS
from wireproof.checks.agreement import AGREEMENT
from wireproof.checks.batches import BATCHES
from wireproof.checks.check import Check, Profile
from wireproof.checks.conversations import CONVERSATIONS
from wireproof.checks.every_style import EVERY_STYLE
from wireproof.checks.itself import ITSELF
from wireproof.checks.kin import KIN
from wireproof.checks.life import LIFE
from wireproof.checks.lists import LISTS
from wireproof.checks.operations import OPERATIONS
from wireproof.checks.pace import PACE
from wireproof.checks.sequences import SEQUENCES
from wireproof.checks.standard import STANDARD
from wireproof.checks.stored import STORED
from wireproof.checks.streams import STREAMS
from wireproof.checks.updates import UPDATES
from wireproof.checks.validation import VALIDATION
from wireproof.checks.wire import WIRE

TABLES: Mapping[str, tuple[Check[Any], ...]] = {
    "Every call": EVERY_STYLE,
    "The rules of the schema": VALIDATION,
    "Create, get, delete": STANDARD,
    "Update": UPDATES,
    "List": LISTS,
    "Two answers of one server": AGREEMENT,
    "A server's own words": ITSELF,
    "Values on their way": STORED,
    "Methods of other verbs": ACTIONS,
    "Batches": BATCHES,
    "Streams": STREAMS,
    "Who may do what": ACCESS,
    "Conversations": CONVERSATIONS,
    "The life of a resource": LIFE,
    "Parents": KIN,
    "Long-running operations": OPERATIONS,
    "Sequences": SEQUENCES,
    "Below the messages": WIRE,
    "Pace": PACE,
}
"""Every check, by what it is about."""

CHECKS: tuple[Check[Any], ...] = tuple(check for rows in TABLES.values() for check in rows)

__all__ = ["CHECKS", "TABLES", "Check", "Profile"]
