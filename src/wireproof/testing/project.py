"""What a project adds to the tests: a Python file of plain rows and functions.

`wireproof.yaml` names it (`checks: contract_tests/wireproof_checks.py`), or `--checks`. All of it
is optional::

    CHECKS = (Check(id="PRICE_SHOWN", on=Exchange, check=price_shown, …),)
    STRATEGIES = {"shop.v1.Order.sku": st.sampled_from(["A-1", "B-2"]), "shop.v1.Address": addresses()}
    CREDENTIALS = {"caller": log_in, "other caller": "authorization: Bearer …", "admin": Caller(root, id="root")}

    def metadata(method): return {"x-tenant": "t-1"}
    def before_call(method, messages): ...
    def after_call(exchange): ...

A check yields breaches of an exchange or an observation. A strategy says which values a field or a
message takes where the request is meant to be valid. Credentials are metadata, a `Caller`, or a
function called once a run. The hooks get the full name of the method, the messages of the call,
and the exchange that came of it.
"""  # noqa: E501 - rows read better whole

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis.strategies import SearchStrategy

from wireproof.checks import CHECKS, Check
from wireproof.errors import MalformedFile, UnknownName, WireproofError
from wireproof.exchange import Exchange, Metadata
from wireproof.python_file import line_of, run_file, told
from wireproof.testing.callers import CALLERS, Caller, metadata_of

TABLES = ("CHECKS", "STRATEGIES", "CREDENTIALS")
HOOKS = ("metadata", "before_call", "after_call")


@dataclass(eq=False)
class ProjectFailed(WireproofError):
    """A function of the project's own file raised: the run ends with what it has found."""

    path: str
    line: int | None
    what: str
    reason: str

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.path, self.line) if part)
        return f"{place}: {self.what} failed: {self.reason}"


@dataclass(frozen=True, slots=True)
class Project:
    """What a project adds; nothing, where it has no file."""

    path: Path = Path()
    checks: tuple[Check[Any], ...] = ()
    strategies: Mapping[str, SearchStrategy[Any]] = field(default_factory=dict)
    """Full name of a field or message → the values it takes."""
    credentials: Mapping[str, Caller] = field(default_factory=dict)
    hooks: Mapping[str, Callable[..., Any]] = field(default_factory=dict)

    def metadata(self, method: str) -> Metadata:
        """What a call of *method* carries besides."""
        said = self._run("metadata", method)
        return () if said is None else metadata_of(said, self._wrong_metadata)

    def before_call(self, method: str, messages: tuple[Any, ...]) -> None:
        """A call of *method* with *messages* is about to be made."""
        self._run("before_call", method, messages)

    def after_call(self, x: Exchange) -> None:
        """A call has ended."""
        self._run("after_call", x)

    def _run(self, hook: str, *arguments: Any) -> Any:
        function = self.hooks.get(hook)
        if function is None:
            return None
        return _guarded(self.path, hook, function)(*arguments)

    def _wrong_metadata(self, reason: str) -> WireproofError:
        return ProjectFailed(str(self.path), None, "metadata", reason)


def load(path: Path) -> Project:
    """The project's own file at *path*.

    Raises MalformedFile where it does not run or a table in it is no such table; unknown names are
    told with the known ones.
    """
    module = run_file(path)
    _spelled(path, module)
    return Project(
        path=path,
        checks=_checks(path, getattr(module, "CHECKS", ())),
        strategies=_strategies(path, getattr(module, "STRATEGIES", {})),
        credentials=_credentials(path, getattr(module, "CREDENTIALS", {})),
        hooks=_hooks(path, module),
    )


def _spelled(path: Path, module: ModuleType) -> None:
    """Nothing is left out because of a slip: a name close to a known one is meant to be it."""
    known = (*TABLES, *HOOKS)
    if not any(hasattr(module, name) for name in known):
        raise MalformedFile(str(path), None, f"it defines none of {', '.join(known)}")
    for name in vars(module):
        if name not in known and get_close_matches(name, known, n=1, cutoff=0.85):
            raise MalformedFile(str(path), None, str(UnknownName("table or hook", name, known)))


def _checks(path: Path, said: Any) -> tuple[Check[Any], ...]:
    if not isinstance(said, list | tuple) or not all(isinstance(row, Check) for row in said):
        raise MalformedFile(str(path), None, "CHECKS must be a tuple of Check(…) rows")
    taken = {check.id for check in CHECKS}
    for row in said:
        if row.id in taken:
            raise MalformedFile(str(path), None, f"CHECKS: the id {row.id} is taken")
        taken.add(row.id)
    named = (replace(row, check=_guarded(path, f"the check {row.id}", row.check)) for row in said)
    return tuple(named)


def _strategies(path: Path, said: Any) -> dict[str, SearchStrategy[Any]]:
    for name, strategy in _table(path, "STRATEGIES", said).items():
        if not isinstance(strategy, SearchStrategy):
            raise MalformedFile(str(path), None, f"STRATEGIES[{name!r}] must be a strategy")
    return dict(said)


def _credentials(path: Path, said: Any) -> dict[str, Caller]:
    found: dict[str, Caller] = {}
    for name, proof in _table(path, "CREDENTIALS", said).items():
        if name not in CALLERS:
            raise MalformedFile(str(path), None, str(UnknownName("caller", name, CALLERS)))
        found[name] = proof if isinstance(proof, Caller) else Caller(proof)
    return found


def _hooks(path: Path, module: ModuleType) -> dict[str, Callable[..., Any]]:
    found = {name: getattr(module, name) for name in HOOKS if hasattr(module, name)}
    for name, hook in found.items():
        if not callable(hook):
            raise MalformedFile(str(path), None, f"{name} must be a function")
    return found


def _table(path: Path, name: str, said: Any) -> Mapping[str, Any]:
    if not isinstance(said, Mapping) or not all(isinstance(key, str) for key in said):
        raise MalformedFile(str(path), None, f"{name} must be a mapping of names")
    return said


def _guarded(path: Path, what: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """*function*, whose failure is told as its file's: iterators are read where they can fail."""

    def guarded(*arguments: Any) -> Any:
        try:
            returned = function(*arguments)
            return list(returned) if hasattr(returned, "__next__") else returned
        except Exception as error:
            line = line_of(error, path)
            raise ProjectFailed(str(path), line, what, told(error)) from error

    return guarded
