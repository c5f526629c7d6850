"""What is said of a database that cannot be opened."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(eq=False)
class UnusableDatabaseError(Exception):
    """A database that cannot be opened."""

    url: str
    reason: str

    def __str__(self) -> str:
        return f"{self.url} {self.reason}"
