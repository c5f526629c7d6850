"""Waivers: a named person's word that one finding may ship, until a date. One file each."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wireproof.errors import MalformedFile

_KEYS = ("fingerprint", "reason", "owner", "expires")
_FINGERPRINT = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Waiver:
    """It covers the finding with this fingerprint: a further change voids it."""

    fingerprint: str
    reason: str
    owner: str
    expires: dt.date
    """The last day on which it holds."""
    path: Path | None = None


def read_waivers(folder: Path) -> tuple[Waiver, ...]:
    """Every waiver in *folder* (`*.yaml`); a folder that does not exist holds none.

    Raises MalformedFile where a file lacks a part or holds an impossible one.
    """
    return tuple(_read(path) for path in sorted(folder.glob("*.yaml")))


def write_waiver(folder: Path, waiver: Waiver) -> Path:
    """Write *waiver* to a file of its own in *folder*, named after its fingerprint."""
    import yaml  # `wireproof gate --help` must not wait for it

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{waiver.fingerprint}.yaml"
    facts = {key: getattr(waiver, key) for key in _KEYS}
    path.write_text(yaml.safe_dump(facts, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return path


def _read(path: Path) -> Waiver:
    import yaml  # only who has waivers pays for it

    try:
        facts = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else None
        raise MalformedFile(str(path), line, "it is no valid YAML") from error
    if not isinstance(facts, dict):
        raise MalformedFile(str(path), None, f"a waiver needs {', '.join(_KEYS)}")
    return _waiver(path, facts)


def _waiver(path: Path, facts: dict[str, Any]) -> Waiver:
    missing = [key for key in _KEYS if not facts.get(key)]
    if missing:
        raise MalformedFile(str(path), None, f"the waiver lacks {', '.join(missing)}")
    if unknown := sorted(set(facts) - set(_KEYS)):
        known = ", ".join(_KEYS)
        raise MalformedFile(str(path), None, f"unknown {', '.join(unknown)}; a waiver has {known}")
    fingerprint = str(facts["fingerprint"])
    if not _FINGERPRINT.fullmatch(fingerprint):
        reason = f"fingerprint {fingerprint!r} must be twelve hex digits, in quotes"
        raise MalformedFile(str(path), None, reason)
    return Waiver(fingerprint, str(facts["reason"]), str(facts["owner"]), _day(path, facts), path)


def _day(path: Path, facts: dict[str, Any]) -> dt.date:
    expires = facts["expires"]
    if isinstance(expires, dt.date):
        return expires
    try:
        return dt.date.fromisoformat(str(expires))
    except ValueError:
        reason = f"expires {str(expires)!r} must be a date such as 2027-01-31"
        raise MalformedFile(str(path), None, reason) from None
