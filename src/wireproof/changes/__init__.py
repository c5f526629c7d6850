"""What differs between two versions of a schema, as typed values, whether it breaks or not."""

from wireproof.changes.change import Bump, Change
from wireproof.changes.compare import changes_between

__all__ = ["Bump", "Change", "changes_between"]
