"""What a service owes its callers: rows with pure functions over what was observed."""

from typing import Any

from wireproof.checks.access import ACCESS
from wireproof.checks.agreement import AGREEMENT
from wireproof.checks.check import Check, Profile
from wireproof.checks.conversations import CONVERSATIONS
from wireproof.checks.every_style import EVERY_STYLE
from wireproof.checks.life import LIFE
from wireproof.checks.lists import LISTS
from wireproof.checks.pace import PACE
from wireproof.checks.sequences import SEQUENCES
from wireproof.checks.standard import STANDARD
from wireproof.checks.streams import STREAMS
from wireproof.checks.updates import UPDATES
from wireproof.checks.validation import VALIDATION
from wireproof.checks.wire import WIRE

CHECKS: tuple[Check[Any], ...] = (
    *EVERY_STYLE,
    *VALIDATION,
    *STANDARD,
    *UPDATES,
    *LISTS,
    *AGREEMENT,
    *STREAMS,
    *ACCESS,
    *CONVERSATIONS,
    *LIFE,
    *SEQUENCES,
    *WIRE,
    *PACE,
)

__all__ = ["CHECKS", "Check", "Profile"]
