"""The engine's judge: random schemas, edits of anything in them, and messages that make the trip.

A schema is one to four files with imports (public ones too) over packages; edits also move types
between files, packages and messages. With `--log-cli-level=INFO` it tells how many of the edited
fields were populated.

`WIREPROOF_SOUNDNESS=100000 pytest tests/rules/test_soundness.py` looks harder than the default,
`WIREPROOF_SEED=N` begins at another seed.
"""

from __future__ import annotations

import logging
import os
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.rules.held import Elements, differing, populated, writable
from tests.rules.random_edits import edited
from tests.rules.random_files import messages
from tests.rules.random_messages import random_message
from tests.rules.random_sets import linked, random_files
from tests.rules.trips import over_json, over_wire
from tests.rules.witnesses import wrong_witness
from wireproof.finding import Breaks, Evidence, Finding, Surface
from wireproof.rules import compare
from wireproof.rules.table import RULES
from wireproof.schema.schema import Schema

_log = logging.getLogger(__name__)

BUDGET = int(os.environ.get("WIREPROOF_SOUNDNESS", "160"))
FIRST = int(os.environ.get("WIREPROOF_SEED", "0"))
MESSAGES = 10
CHUNKS = 4
TRIES = 6
TRIPS = {Surface.WIRE: over_wire, Surface.JSON: over_json}
CALLERS = {
    Breaks.OLD_CLIENT: Surface.WIRE,
    Breaks.NEW_CLIENT: Surface.WIRE,
    Breaks.REST: Surface.JSON,  # an old one
}
SHOWN = frozenset(rule.id for rule in RULES if rule.show is not None)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two versions of some random files, and what was done to them."""

    seed: int
    old: Schema
    new: Schema
    edits: str
    changed: Elements

    def ordered(self, *, forth: bool) -> tuple[Schema, Schema]:
        return (self.old, self.new) if forth else (self.new, self.old)

    def __str__(self) -> str:
        return f"seed {self.seed} ({self.edits})"


@dataclass(slots=True)
class Tally:
    """How much was really looked at."""

    quiet: Counter[str] = field(default_factory=Counter)
    touched: int = 0
    reached: int = 0
    wrong: list[str] = field(default_factory=list)


def pairs(chunk: int) -> Iterator[Pair]:
    for seed in range(FIRST + chunk, FIRST + BUDGET, CHUNKS):
        rng = random.Random(seed)
        drawn = ((files, linked(files)) for files in (random_files(rng) for _ in range(TRIES)))
        files, old = next((one for one in drawn if one[1]), ([], None))
        if old:
            for _ in range(TRIES):
                other, edits = edited(files, rng)
                if other != files and (new := linked(other)):
                    yield Pair(seed, old, new, edits, differing(old, new))
                    break


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_what_is_not_reported_survives(chunk: int):
    """
    Where nothing is reported for a direction, on the wire or in JSON, every message makes the trip.
    """
    tally = Tally()
    for pair in pairs(chunk):
        for mode, forth in (("backward", True), ("forward", False)):
            for surface in TRIPS:
                found = compare(
                    pair.old, pair.new, mode=mode, surfaces=[surface], engines=("wireproof",)
                ).findings
                if not found:
                    tally.quiet[f"{mode} {surface}"] += 1
                    _travel(pair, surface, forth, None, tally, f"{mode} {surface}")
    _log.info("%d of %d edited fields were populated", tally.reached, tally.touched)
    assert tally.wrong == []
    assert min(tally.quiet.values()) > BUDGET / CHUNKS / 20
    assert tally.reached > 0.9 * tally.touched, (tally.reached, tally.touched)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_who_is_not_named_breaks_nowhere(chunk: int):
    """
    A client that no finding names is heard by the other version's server, and hears it.
    """
    tally = Tally()
    for pair in pairs(chunk):
        if not _calls(pair):
            continue
        found = compare(pair.old, pair.new, engines=("wireproof",)).findings
        for victim, surface in CALLERS.items():
            if any(victim in finding.breaks for finding in found):
                continue
            tally.quiet[victim] += 1
            mine = victim is not Breaks.NEW_CLIENT
            _travel(pair, surface, mine, _calls(pair, 0), tally, f"{victim} sends")
            _travel(pair, surface, not mine, _calls(pair, 1), tally, f"{victim} hears")
    assert tally.wrong == []
    assert min(tally.quiet.values()) > BUDGET / CHUNKS / 40


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_what_is_reported_is_shown(chunk: int):
    """
    Each finding of a direction comes with a message that really reads otherwise, as it says.
    """
    proven: Counter[str] = Counter()
    wrong: list[str] = []
    for pair in pairs(chunk):
        for mode in ("backward", "forward"):
            for surface in TRIPS:
                for finding in compare(
                    pair.old, pair.new, mode=mode, surfaces=[surface], engines=("wireproof",)
                ).findings:
                    if finding.id not in SHOWN or _lenient(finding, surface):
                        continue
                    proven[finding.id] += 1
                    if why := _badly_shown(finding, pair, forth=mode == "backward"):
                        wrong.append(f"{pair}, {mode} {surface}: {finding.message}: {why}")
    assert wrong == []
    assert len(proven) > 3


def _lenient(finding: Finding, surface: Surface) -> bool:
    """ProtoJSON has no true and false for enums; Python's parser takes them for 1 and 0."""
    return surface is Surface.JSON and "bool" in (finding.promised, finding.found)


def _badly_shown(finding: Finding, pair: Pair, *, forth: bool) -> str:
    writer, reader = pair.ordered(forth=forth)
    if _never_written(writer, finding.subject.rpartition(".")[0]):
        return ""
    if finding.evidence is not Evidence.PROVEN or finding.witness is None:
        return str(finding.evidence)
    if finding.witness.writer != ("old" if forth else "new"):
        return f"shown by what the {finding.witness.writer} version writes"
    return wrong_witness(finding, writer, reader)


def _never_written(writer: Schema, holder: str) -> bool:
    """Whether the writer has a message *holder* that nobody can fill."""
    if holder not in {name for name, _ in _fields(writer)}:
        return False
    kind: Any = writer.message_class(holder).DESCRIPTOR
    return not writable(kind)


def _calls(pair: Pair, side: int | None = None) -> set[str]:
    """The messages that RPCs of both versions carry: requests (0), responses (1), or both."""
    found = []
    for schema in (pair.old, pair.new):
        services = [(f.package, s) for f in schema.own_files() for s in f.service]
        found.append({(package, s.name, m.name): m for package, s in services for m in s.method})
    names: set[str] = set()
    for key in found[0].keys() & found[1].keys():
        was, now = found[0][key], found[1][key]
        if (was.input_type, was.output_type) != (now.input_type, now.output_type):
            return set()
        names |= {was.input_type} if side != 1 else set()
        names |= {was.output_type} if side != 0 else set()
    return {name.lstrip(".") for name in names}


def _travel(
    pair: Pair, surface: Surface, forth: bool, only: set[str] | None, tally: Tally, what: str
) -> None:
    """Send random messages from one version to the other."""
    writer, reader = pair.ordered(forth=forth)
    rng = random.Random(pair.seed)
    names = _shared(writer, reader) if only is None else only
    held: Elements = set()
    for name in sorted(names):
        kind: Any = writer.message_class(name).DESCRIPTOR
        wanted = frozenset(number for holder, number in pair.changed if holder == name)
        for _ in range(MESSAGES * (3 if wanted else 1)):
            message = random_message(kind, rng, wanted)
            if not message.IsInitialized():
                continue
            held |= populated(message)
            if missed := TRIPS[surface](message, reader.message_class(name), forth=forth):
                tally.wrong.append(f"{pair}, {what}: {name}.{missed}")
                return
    if only is None:
        here = {one for one in pair.changed & _fields(writer) if one[0] in names}
        tally.touched += len(here)
        tally.reached += len(here & held)


def _shared(writer: Schema, reader: Schema) -> set[str]:
    return {name for name, _ in _fields(writer)} & {name for name, _ in _fields(reader)}


def _fields(schema: Schema) -> Elements:
    here = [one for file in schema.own_files() for one in messages(file)]
    return {(name, field.number) for name, message in here for field in message.field}
