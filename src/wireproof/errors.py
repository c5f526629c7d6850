"""Why something could not run. What was found while it ran is a finding, never an error."""

from __future__ import annotations

from dataclasses import dataclass


class WireproofError(Exception):
    """Could not run: one clear sentence that says what, where and what to do (exit code 2)."""


@dataclass(eq=False)
class UnreadableSource(WireproofError):
    """A schema source that cannot be turned into a schema."""

    source: str
    reason: str

    def __str__(self) -> str:
        return f"cannot read the schema {self.source}: {self.reason}"


@dataclass(eq=False)
class UnknownName(WireproofError):
    """A name that does not exist, with those that do."""

    kind: str
    name: str
    known: tuple[str, ...] = ()
    where: str = ""
    """What lacks it, where that is not the whole."""

    def __str__(self) -> str:
        # Only a mistyped name pays for the import.
        from difflib import get_close_matches

        close = get_close_matches(self.name, self.known, n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        known = ", ".join(sorted(self.known)) or "none"
        within = f" in {self.where}" if self.where else ""
        return f"no {self.kind} {self.name!r}{within}{hint} (known: {known})"


@dataclass(eq=False)
class UnreachableTarget(WireproofError):
    """A server that does not answer, or answers something that is not gRPC."""

    target: str
    reason: str

    def __str__(self) -> str:
        return f"cannot reach {self.target}: {self.reason}"


@dataclass(eq=False)
class MalformedFile(WireproofError):
    """A file of ours (configuration, contract, waiver) that says something impossible."""

    path: str
    line: int | None
    reason: str
    column: int | None = None

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.path, self.line, self.column) if part)
        return f"{place}: {self.reason}"


DEBUG = "WIREPROOF_TRACEBACK"
"""The environment variable that shows where a mistake of ours happened."""


@dataclass(eq=False)
class InternalError(WireproofError):
    """A mistake of ours, told like everything else that could not run."""

    cause: Exception

    def __post_init__(self) -> None:
        self.__cause__ = self.cause

    def __str__(self) -> str:
        return (
            f"internal error ({type(self.cause).__name__}: {self.cause}); please report it "
            f"({DEBUG}=1 shows where it happened)"
        )
