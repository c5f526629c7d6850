"""What a user may ask of a run."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from wireproof.checks import Profile
from wireproof.testing.callers import Callers
from wireproof.testing.project import Project

if TYPE_CHECKING:
    from hypothesis.database import ExampleDatabase

    from wireproof.testing.replay import Replay


class Phase(StrEnum):
    """A part of a run."""

    EXAMPLES = "examples"
    COVERAGE = "coverage"
    STATEFUL = "stateful"
    FUZZING = "fuzzing"
    WIRE = "wire"


DETERMINISTIC = (Phase.EXAMPLES, Phase.COVERAGE, Phase.STATEFUL)
"""Phases without chance: the same server state, the same calls."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a run goes about its work."""

    phases: tuple[Phase, ...] | None = None
    """None: all, the wire phase only on loopback."""
    workers: int = 1
    """Calls in flight together, in the phase with chance."""
    shard: tuple[int, int] | None = None
    """Which of how many parts of the trials to run: (1, 4) to (4, 4); None for all."""
    max_calls: int = 4000
    max_time: float = 60.0
    """Seconds."""
    seed: int = 0
    profiles: tuple[Profile, ...] = (Profile.GRPC,)
    services: tuple[str, ...] = ()
    """Full or last names; none means all."""
    methods: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    """Methods left alone."""
    allow_writes: bool = False
    """Call methods with side effects away from loopback too."""
    deadline: float = 5.0
    """Seconds that one call may take."""
    patience: float = 0.1
    """Seconds of silence after which a stream counts as held open."""
    first: bool = False
    """End with the first finding."""
    replays: Path | None = None
    """Where the exchange behind each finding is written; None for nowhere."""

    project: Project = field(default_factory=Project)
    """The project's own checks, strategies, credentials and hooks."""
    credentials: Callers = field(default_factory=dict)
    """Callers whom the server knows; they go before those of the project."""
    examples: ExampleDatabase | None = None
    """Where failures of earlier runs are kept (Hypothesis's database); None for nowhere."""
    only: Replay | None = None
    """Run this one trial, after the stage is set."""

    def mine(self, number: int) -> bool:
        """Whether what has that *number* is in this shard; of all shards it is in one."""
        return self.shard is None or number % self.shard[1] == self.shard[0] - 1

    def chosen_phases(self, *, loopback: bool) -> tuple[Phase, ...]:
        """The phases to run against a server that is or is not this machine's own."""
        if self.phases is not None:
            return self.phases
        return tuple(phase for phase in Phase if loopback or phase is not Phase.WIRE)
