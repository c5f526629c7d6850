"""wireproof.yaml: the modules of a repository, how its services start, and its policy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from wireproof.errors import MalformedFile, UnknownName
from wireproof.finding import Severity
from wireproof.lint.policy import LintPolicy, rules_of
from wireproof.verdict import Policy
from wireproof.verdict.policy import ENGINES

if TYPE_CHECKING:
    from wireproof.checks import Profile

FILE = "wireproof.yaml"
WAIVERS = Path("compat/waivers")


@dataclass(frozen=True, slots=True)
class ServiceConfig:
    """One service: how it is started (or where it runs), and how it is tested."""

    start: str = ""
    """A command in which `{port}` stands for a free port."""
    target: str = ""
    """An address that already serves, where nothing is to be started."""
    contracts: tuple[str, ...] = ()
    """Glob patterns of contract files, relative to the configuration."""
    states: str = ""
    """The Python file of the provider states."""
    profile: tuple[Profile, ...] = field(default_factory=lambda: _profiles(["grpc"], ""))
    seed: int = 1
    max_calls: int = 1000
    headers: tuple[str, ...] = ()
    """`KEY: VALUE` each: metadata of every call."""
    checks: str = ""
    """The Python file of the project's own checks, strategies, credentials and hooks."""


@dataclass(frozen=True, slots=True)
class Config:
    """What wireproof.yaml says; without the file, one module and the default policy."""

    root: Path
    modules: tuple[str, ...] = (".",)
    base: str | None = None
    """The branch that changes are merged into; by default the remote says."""
    services: tuple[ServiceConfig, ...] = ()
    policy: Policy = field(default_factory=Policy)
    examples: Mapping[str, str] = field(default_factory=dict)
    """Where failures of the tests are kept and shared: see `testing.examples.Examples`."""
    lint: LintPolicy = field(default_factory=LintPolicy)
    """Which of the governance rules run."""
    promises: tuple[str, ...] = ()
    """Options (`my.option`) whose every change is a break."""
    stored: tuple[str, ...] = ()
    """Messages (`my.pkg.*`) that are kept and read back by other versions."""


def read_config(root: Path, *, services: bool = True) -> Config:
    """The configuration of the repository at *root*; of its *services* only where they matter.

    Raises MalformedFile where the file says something impossible.
    """
    path = root / FILE
    if not path.exists():
        return Config(root)
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else None
        raise MalformedFile(FILE, line, "it is no valid YAML") from error
    if isinstance(said, dict) and not services:
        said.pop("services", None)
    return _config(root, said)


def _config(root: Path, said: Any) -> Config:
    policy = {key: value for key, value in _table(said, "").items() if key in _POLICY}
    rest = {key: value for key, value in said.items() if key not in _POLICY}
    return Config(root=root, policy=Policy(**_read(policy, _POLICY, "")), **_read(rest, _TOP, ""))


Reader = Callable[[Any, str], Any]


def _read(said: Any, readers: Mapping[str, Reader], where: str) -> dict[str, Any]:
    """Each key of *said* by its reader; an unknown key is told with the known ones."""
    read = {}
    for key, value in _table(said, where).items():
        if key not in readers:
            unknown = UnknownName("setting", f"{where}{key}", tuple(f"{where}{k}" for k in _ALL))
            raise MalformedFile(FILE, None, str(unknown))
        read[key] = readers[key](value, f"{where}{key}")
    return read


def _table(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(where or "the file", "a mapping", value)
    return value


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise _wrong(where, "a text", value)
    return value


def _texts(value: Any, where: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise _wrong(where, "a list of texts", value)
    return tuple(_text(item, where) for item in value)


def _count(value: Any, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _wrong(where, "a whole number", value)
    return value


def _one_of(*known: str) -> Reader:
    def read(value: Any, where: str) -> str:
        if value not in known:
            raise _wrong(where, " or ".join(known), value)
        return str(value)

    return read


def _some_of(*known: str) -> Reader:
    one = _one_of(*known)
    return lambda value, where: tuple(one(item, where) for item in _texts(value, where))


def _severity(value: Any, where: str) -> Severity:
    return Severity(_one_of(*Severity)(value, where))


def _severities(value: Any, where: str) -> dict[str, Severity]:
    return {rule: _severity(s, f"{where}.{rule}") for rule, s in _table(value, where).items()}


def _profiles(value: Any, where: str) -> tuple[Profile, ...]:
    from wireproof.checks import Profile  # with all of grpc: who compares schemas needs none

    return tuple(map(Profile, _some_of(*Profile)(value, where)))


def _services(value: Any, where: str) -> tuple[ServiceConfig, ...]:
    if not isinstance(value, list):
        raise _wrong(where, "a list of services", value)
    return tuple(_service(item, f"{where}[{index}].") for index, item in enumerate(value))


def _service(said: Any, where: str) -> ServiceConfig:
    service = ServiceConfig(**_read(said, _SERVICE, where))
    if bool(service.start) == bool(service.target):
        reason = f"{where[:-1]} needs either start (a command with {{port}}) or target (host:port)"
        raise MalformedFile(FILE, None, reason)
    if service.start and "{port}" not in service.start:
        reason = f"{where}start must say where the port goes: {service.start} --port {{port}}"
        raise MalformedFile(FILE, None, reason)
    return service


def _lint(said: Any, where: str) -> LintPolicy:
    read = _read(said, _LINT, f"{where}.")
    policy = LintPolicy(read.get("use", ()), read.get("except", ()))
    try:
        if policy != LintPolicy():
            rules_of(policy)
    except UnknownName as error:
        raise MalformedFile(FILE, None, f"{where}: {error}") from None
    return policy


def _examples(value: Any, where: str) -> dict[str, str]:
    return _read(value, _EXAMPLES, f"{where}.")


def _wrong(where: str, wanted: str, value: Any) -> MalformedFile:
    return MalformedFile(FILE, None, f"{where} must be {wanted}, not {value!r}")


_POLICY: dict[str, Reader] = {
    "severities": _severities,
    "fail_on": _severity,
    "engines": _some_of(*ENGINES),
}
_EXAMPLES: dict[str, Reader] = {"folder": _text, "github": _text, "redis": _text}
_TOP: dict[str, Reader] = {
    "examples": _examples,
    "modules": _texts,
    "base": _text,
    "services": _services,
    "promises": _texts,
    "stored": _texts,
    "lint": _lint,
}
_LINT: dict[str, Reader] = {"use": _texts, "except": _texts}
_SERVICE: dict[str, Reader] = {
    "start": _text,
    "target": _text,
    "contracts": _texts,
    "states": _text,
    "profile": _profiles,
    "seed": _count,
    "max_calls": _count,
    "headers": _texts,
    "checks": _text,
}
_ALL = (*_TOP, *_POLICY, *_SERVICE, *_LINT, *_EXAMPLES)
