"""A trial: something to do to the server, and what it showed. Run again, it shows the same."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from wireproof.checks import CHECKS, Check, Profile
from wireproof.checks.facts import kind_of
from wireproof.checks.observations import Observation
from wireproof.errors import UnreachableTarget, WireproofError
from wireproof.exchange import Exchange, Method
from wireproof.finding import Breach
from wireproof.testing.api import Api
from wireproof.testing.declared import promises_aip
from wireproof.testing.options import Options, Phase
from wireproof.testing.project import ProjectFailed
from wireproof.testing.session import OutOfBudget, Session

Run = Callable[[Session], Iterator[Observation]]


@dataclass(frozen=True, slots=True)
class Trial:
    """What *run* yields are the observations; its single exchanges are judged besides."""

    phase: Phase
    method: Method
    run: Run
    name: str
    """With phase and method, tells it from every other of a run."""
    messages: tuple[bytes, ...] = ()
    """What it sends, where chance made it."""
    kind: str = ""
    """What the messages are, where chance made them."""
    parts: tuple[Trial, ...] = ()
    """What shows less of the same, and is run too where it shows something or does not settle."""
    settled: Callable[[], bool] = lambda: True
    """Whether, once it has run, it says all that its parts can say."""

    def named(self, phase: str, method: str, name: str) -> Trial | None:
        """Itself, or the part of that name."""
        if (self.phase, self.method.full_name, self.name) == (phase, method, name):
            return self
        found = (part.named(phase, method, name) for part in self.parts)
        return next((part for part in found if part is not None), None)


@dataclass(frozen=True, slots=True)
class Found:
    """A breach, the check that saw it and the calls that show it."""

    check: Check[Any]
    breach: Breach
    method: Method
    exchanges: tuple[Exchange, ...]
    call: int = 0
    """How many calls the run had made by then."""
    flaky: bool = False
    """Whether it did not come again."""
    trial: Trial | None = None
    """What showed it."""

    @property
    def key(self) -> tuple[str, str]:
        """Findings with one key are one finding."""
        return self.check.id, self.breach.subject


class Judge:
    """Applies the checks that the profile calls for."""

    def __init__(self, session: Session, options: Options) -> None:
        self._session = session
        self._asked = frozenset(options.profiles)
        self._checks = (*CHECKS, *options.project.checks)
        self._promising = _promising(session.api, session)
        self._rows: dict[tuple[object, ...], list[Check[Any]]] = {}

    def held_to(self, check: Check[Any], method: Method) -> bool:
        """Whether *method* is held to *check*."""
        if method.style not in check.styles:
            return False
        aip = Profile.AIP in self._asked or method.full_name in self._promising
        if check.profile is Profile.SELF:
            return not aip
        if check.profile is Profile.GRPC or Profile.AIP in self._asked:
            return True
        return check.profile is Profile.AIP and aip

    def breaches(self, seen: Exchange | Observation) -> Iterator[Found]:
        """What the checks find in *seen*."""
        key: tuple[object, ...]
        exchanges: tuple[Exchange, ...]
        if isinstance(seen, Exchange):
            method, exchanges = seen.method, (seen,)
            key = method.full_name, kind_of(seen), seen.ok
        else:
            method, exchanges = seen.subject, seen.exchanges
            key = method.full_name, type(seen)
        if key not in self._rows:  # what concerns one concerns all that are alike so far
            held = (c for c in self._checks if self.held_to(c, method))
            self._rows[key] = [check for check in held if check.concerns(seen)]
        for check in self._rows[key]:
            for breach in check.check(seen):
                yield Found(check, breach, method, exchanges, self._session.calls)

    def logged(self) -> list[Found]:
        """What the calls of a trial that was cut short show, each key once."""
        return _once(found for x in list(self._session.log) for found in self.breaches(x))

    def tried(self, trial: Trial) -> list[Found]:
        """Run *trial* once; what it found, each key once."""
        session = self._session
        session.log.clear()
        seen: list[Exchange | Observation] = list(trial.run(session))
        return _once(found for one in [*session.log, *seen] for found in self.breaches(one))


def _promising(api: Api, session: Session) -> frozenset[str]:
    declared = {m.full_name for m in api.methods if promises_aip(session.schema, m.descriptor)}
    by_resource = {o.method.full_name for _, o in api.operations() if o.promises_aip}
    return frozenset(declared | by_resource)


def _once(found: Iterator[Found]) -> list[Found]:
    first: dict[tuple[str, str], Found] = {}
    for one in found:
        first.setdefault(one.key, one)
    return list(first.values())


class Trials:
    """Runs trials and keeps what they find, each finding once and only where it comes again."""

    def __init__(self, session: Session, options: Options) -> None:
        self.session = session
        self.judge = Judge(session, options)
        self.found: dict[tuple[str, str], Found] = {}
        self.spent = False
        self.broken: list[str] = []
        """Trials that failed by a fault of our own."""

    @property
    def first_call(self) -> int | None:
        """How many calls the first finding took that came again; None where there is none."""
        return min((one.call for one in self.found.values() if not one.flaky), default=None)

    def run(self, trial: Trial) -> None:
        """Run *trial*; what is new is confirmed by running it again, or by its parts."""
        if self.session.hopeless(trial.method):
            return
        found: list[Found] = []
        try:
            found = self.judge.tried(trial)
            self._divide(trial, found)
        except OutOfBudget:
            self._confirm(trial, found or self.judge.logged())
            raise
        except ProjectFailed:
            raise
        except UnreachableTarget:
            self.add([replace(found, trial=trial) for found in self.judge.logged()])
            raise
        except WireproofError as error:  # no valid request can be made, say
            self.session.note(trial.method, str(error))
        except Exception as error:  # noqa: BLE001 - one trial's failure stops no other
            self.broken.append(_broken(trial, error))
        else:
            self._confirm(trial, found)

    def _divide(self, trial: Trial, found: list[Found]) -> None:
        if any(map(self.is_new, found)) or not trial.settled():
            for part in trial.parts:
                self.run(part)

    def add(self, new: Sequence[Found]) -> None:
        """Keep what is new."""
        for found in new:
            if self.is_new(found):
                self.found[found.key] = found

    def is_new(self, found: Found) -> bool:
        """Whether nobody has seen it yet, or only once and not again."""
        known = self.found.get(found.key)
        return known is None or (known.flaky and not found.flaky)

    def _confirm(self, trial: Trial, seen: list[Found]) -> None:
        waiting = {found.key: replace(found, trial=trial) for found in seen if self.is_new(found)}
        if not waiting:
            return
        with self.session.confirming():
            for _ in range(2):
                again = {found.key for found in self.judge.tried(trial)}
                self.add([waiting.pop(key) for key in list(waiting) if key in again])
                if not waiting:
                    return
        self.add([replace(one, flaky=True) for one in waiting.values() if not _hasty(one)])


def _hasty(found: Found) -> bool:
    """Whether a silence was part of it, which more patience then filled: no fault of the server."""
    return any(x.note.get("held") for x in found.exchanges)


def _broken(trial: Trial, error: Exception) -> str:
    where = traceback.extract_tb(error.__traceback__)[-1]
    what = f"{type(error).__name__}: {error} ({Path(where.filename).name}:{where.lineno})"
    return (
        f"the trial {trial.name!r} of {trial.method.full_name} is broken, please report it: {what}"
    )
