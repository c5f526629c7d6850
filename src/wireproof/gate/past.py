"""What every release so far says of the work tree: numbers and names that come back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from wireproof.finding import Finding
from wireproof.rules.history import PAIR, later
from wireproof.schema.release import releases
from wireproof.schema.schema import Schema
from wireproof.schema.source import load


def of_all_releases(root: Path, heads: Mapping[str, Schema]) -> Iterator[tuple[str, Finding]]:
    """Module and finding, for what only the releases together show of each of the *heads*.

    What the releases had among themselves has shipped and is nobody's doing now.
    Raises UnreadableSource where a release cannot be read.
    """
    past = [load(f"release:{version}", root=root) for version in releases(root)]
    if len(past) < PAIR:
        return
    shipped = {_facts(finding) for finding in _told(past)}
    for module, head in heads.items():
        for finding in _told([*past, head]):
            if _facts(finding) not in shipped:
                yield module, finding


def _told(versions: list[Schema]) -> list[Finding]:
    if len(versions) <= PAIR:
        return []
    return [finding for _, found in later(versions) for finding in found]


def _facts(finding: Finding) -> tuple[str, str, str]:
    """What a finding is about, whichever version is the last."""
    return finding.id, finding.subject, finding.promised
