"""Confluent's published Protobuf compatibility, as its Schema Registry judges two schemas."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from wireproof.changes.versions import Versions
from wireproof.finding import Breaks, Finding, Severity, Surface
from wireproof.rules.confluent_table import LATEST, REFUSED, Table
from wireproof.rules.confluent_walk import Difference, differences
from wireproof.schema.elements import File

_MODES = {
    "backward": (True,),
    "forward": (False,),
    "full": (True, False),
    # The registry knows no RPC; where nothing else is said, it judges backward.
    "rpc": (True,),
}
"""Mode → whether the old version writes, for each direction that it looks in."""


def findings(versions: Versions, mode: str, table: Table = LATEST) -> tuple[Finding, ...]:
    """What the registry refuses in *mode*, and the files of which it sees no new version."""
    found: dict[str, Finding] = {}
    for old_writes in _MODES[mode]:
        was, now = (versions.old, versions.new) if old_writes else (versions.new, versions.old)
        for one in differences(was, now, table):
            finding = _finding(one, table, old_writes=old_writes)
            known = found.get(finding.fingerprint, finding)
            who = {*known.breaks, *finding.breaks}
            both = replace(known, breaks=tuple(b for b in Breaks if b in who))
            found[finding.fingerprint] = both
    return (*found.values(), *_unseen(versions))


def _finding(one: Difference, table: Table, *, old_writes: bool) -> Finding:
    facts = (one.promised, one.found) if old_writes else (one.found, one.promised)
    at = one.now if old_writes else one.was
    reader = "new" if old_writes else "old"
    return Finding(
        id=f"CONFLUENT_{one.kind}",
        subject=one.subject,
        promised=facts[0],
        found=facts[1],
        message=f"{one.subject}: {REFUSED[one.kind]} where the {reader} version reads "
        f"({facts[0]} became {facts[1]})",
        why=f"Confluent's Schema Registry refuses it, by its rules of {table.since}.",
        fix="Keep the element as it was, or register the schema under another subject.",
        surfaces=(Surface.WIRE,),
        breaks=(Breaks.STORED if old_writes else Breaks.OLD_READER,),
        location=at.file.location(at.path),
    )


def _unseen(versions: Versions) -> Iterator[Finding]:
    """Files that are gone: the registry keeps their last version and is never asked."""
    for name in sorted(versions.old.schema.own - versions.new.schema.by_name.keys()):
        file: File = versions.old.file(name)
        yield Finding(
            id="CONFLUENT_SUBJECT_ENDED",
            subject=name,
            promised="a subject",
            found="no new version",
            severity=Severity.WARNING,
            message=f"{name} is gone: its subject gets no new version to judge",
            why="Confluent's Schema Registry judges versions of one subject, and sees no removal.",
            fix="Make sure that nobody needs its messages, or keep the file.",
            surfaces=(Surface.WIRE,),
            location=file.location(()),
        )
