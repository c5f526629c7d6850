"""Whether a schema is well made: buf's lint, and what teams govern beyond it."""

from wireproof.lint.engine import LintPolicy, governed, lint
from wireproof.lint.table import RULES

__all__ = ["RULES", "LintPolicy", "governed", "lint"]
