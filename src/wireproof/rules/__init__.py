"""Which changes break, for whom, and the message that shows it."""

from wireproof.changes.change import Bump
from wireproof.rules.engine import Comparison, compare

__all__ = ["Bump", "Comparison", "compare"]
