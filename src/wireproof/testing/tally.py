"""What became of the calls of one method, in as much memory for a million as for a hundred."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from wireproof.checks.facts import Code, Kind, kind_of
from wireproof.exchange import Exchange

_FINE = 10
"""Buckets for a doubling: a percentile is right to 4 %."""
_LEAST = 1e-5
"""Seconds; what is faster counts as this."""
_SILENT = 3
"""Calls in a row without any answer after which a server counts as hanging."""
_UNKNOWN = 3600.0


class Latency:
    """How long calls took, as counts in buckets that grow by a constant factor."""

    def __init__(self) -> None:
        self._buckets: Counter[int] = Counter()
        self.most = 0.0

    def add(self, seconds: float) -> None:
        self._buckets[round(_FINE * math.log2(max(seconds, _LEAST) / _LEAST))] += 1
        self.most = max(self.most, seconds)

    def percentile(self, share: float) -> float:
        """Seconds within which *share* (0 to 1) of the calls were answered; 0 without calls."""
        wanted = share * self._buckets.total()
        for bucket in sorted(self._buckets):
            wanted -= self._buckets[bucket]
            if wanted <= 0:
                return min(_LEAST * 2 ** (bucket / _FINE), self.most)
        return self.most


@dataclass(slots=True)
class Tally:
    """What became of the calls of one method."""

    calls: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    to_messages: Counter[str] = field(default_factory=Counter)
    """The statuses of the calls that had the bytes and the number of messages of their method."""
    silent: int = 0
    """Calls in a row that nothing answered in time."""
    held: int = 0
    """Streams in a row that the server left open."""
    latency: Latency = field(default_factory=Latency)
    """Of those that the server ended."""

    @property
    def tested(self) -> bool:
        """Whether a call was answered OK (a stream that stays open: whether it opened)."""
        return bool(self.statuses.keys() & {Code.OK.name, "open"})


class Tallies:
    """What became of all calls, by the full names of their methods."""

    def __init__(self, methods: Iterable[str]) -> None:
        self._of = {name: Tally() for name in methods}
        self._waited = 0.0
        self._answered = 0

    def __getitem__(self, method: str) -> Tally:
        return self._of[method]

    def values(self) -> Iterable[Tally]:
        """Those of every method."""
        return self._of.values()

    @property
    def mean(self) -> float:
        """Seconds that an answer takes; very many where none has come yet."""
        return self._waited / self._answered if self._answered else _UNKNOWN

    def add(self, x: Exchange) -> None:
        """Count *x*."""
        tally = self._of.get(x.method.full_name)
        if tally is None:
            tally = self._of[x.method.full_name] = Tally()
        held = bool(x.note.get("held"))
        tally.calls += 1
        status = "OK" if held and x.received else "open" if held else x.code.name
        tally.statuses[status] += 1
        if kind_of(x) not in (Kind.MALFORMED, Kind.CARDINALITY):
            tally.to_messages[status] += 1
        tally.held = tally.held + 1 if held else 0
        tally.silent = tally.silent + 1 if _unanswered(x) else 0
        if not held:
            tally.latency.add(x.duration)
        if not held and x.code is not Code.DEADLINE_EXCEEDED:
            self._waited += x.duration
            self._answered += 1

    def hopeless(self, method: str) -> bool:
        """Whether its calls hang, or nothing is behind its name."""
        tally = self._of.get(method)
        if tally is None:
            return False
        answers = tally.to_messages
        lacking = set(answers) == {Code.UNIMPLEMENTED.name} and answers.total() >= _SILENT
        return lacking or tally.silent >= _SILENT

    def stays_open(self, method: str) -> bool:
        """Whether the server leaves its streams open, time and again."""
        tally = self._of.get(method)
        return tally is not None and tally.held >= _SILENT

    def answers(self, method: str) -> bool:
        """Whether it has answered OK."""
        tally = self._of.get(method)
        return tally is not None and tally.statuses[Code.OK.name] > 0

    def hangs(self, x: Exchange) -> bool:
        """Whether, after *x*, it is plain that the server answers nothing at all."""
        return self._of[x.method.full_name].silent >= _SILENT and self.mute

    @property
    def mute(self) -> bool:
        """Whether the server has answered nothing at all so far."""
        statuses = {code for tally in self._of.values() for code in tally.statuses}
        return not statuses - {Code.DEADLINE_EXCEEDED.name, "open"}


def _unanswered(x: Exchange) -> bool:
    ours = x.note.get("kind") is Kind.CARDINALITY
    return x.code is Code.DEADLINE_EXCEEDED and not x.received and not ours
