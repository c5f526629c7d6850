"""How much each rule and check weighs by default: what is not listed is an error.

A row stands here where no specification fixes the promise (a heuristic), or where data survives
and only someone's habit breaks.
"""

from __future__ import annotations

from wireproof.finding import Severity

DEFAULTS: dict[str, Severity] = {
    "WAIVER_EXPIRED": Severity.WARNING,
    "WAIVER_UNUSED": Severity.INFO,
}
