"""What rules, checks and contracts yield: one kind of value, so that one report serves all."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """How much a finding weighs; policy decides, from one table of defaults."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Surface(StrEnum):
    """Where it breaks."""

    WIRE = "wire"
    JSON = "json"
    SOURCE = "source"
    RPC = "rpc"
    PROMISE = "promise"


class Breaks(StrEnum):
    """Who breaks."""

    OLD_CLIENT = "old-client"
    NEW_CLIENT = "new-client"
    STORED = "stored"
    OLD_READER = "old-reader"
    SOURCE = "source"
    REST = "rest"


class Evidence(StrEnum):
    """How sure it is. Evidence never lowers severity."""

    PROVEN = "proven"
    DERIVED = "derived"
    UNPROVEN = "unproven"


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a file; lines and columns count from 1."""

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part)


@dataclass(frozen=True, slots=True)
class Witness:
    """The smallest message (or request line) that really comes out differently."""

    writer: str
    """Which version wrote it: `old` or `new`."""
    reader: str
    """Which version read it."""
    bytes: str = ""
    """The message on the wire, in hex."""
    written: Any = None
    """What was meant, as ProtoJSON, a value, or a request line."""
    read: Any = None
    """What the reader made of it."""
    note: str = ""
    """What a reader of the report needs besides: the violated rule, how hard the search looked."""


@dataclass(frozen=True, slots=True)
class Breach:
    """One promise not kept, as facts: what was promised of the subject, and what is there."""

    subject: str
    promised: str
    found: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A breach with everything that a reader, a policy or a waiver needs."""

    id: str
    subject: str
    promised: str
    found: str
    severity: Severity = Severity.ERROR
    message: str = ""
    why: str = ""
    fix: str = ""
    surfaces: tuple[Surface, ...] = ()
    breaks: tuple[Breaks, ...] = ()
    engines: tuple[str, ...] = ("wireproof",)
    buf: tuple[str, ...] = ()
    module: str = ""
    location: Location | None = None
    evidence: Evidence = Evidence.DERIVED
    witness: Witness | None = None
    consumers: tuple[str, ...] = ()
    exchange: Mapping[str, Any] | None = None
    """The call that shows it, as plain data, where a call does."""
    reproduce: tuple[str, ...] = ()
    """Commands that show it again."""
    waived: str | None = None
    """The reason of the waiver that covers it."""

    @property
    def fingerprint(self) -> str:
        """Twelve hex digits of the facts: new words keep it, a further change does not."""
        facts = "\0".join((self.id, self.subject, self.promised, self.found))
        return hashlib.sha256(facts.encode()).hexdigest()[:12]
