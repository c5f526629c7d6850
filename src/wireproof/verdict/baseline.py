"""A baseline: what is known to be wrong, each until a day, so that only what is new stops."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wireproof.errors import MalformedFile
from wireproof.finding import Finding
from wireproof.verdict.waivers import Waiver

DAYS = 90
"""How long a finding stays known, unless its entry says otherwise."""
_KEYS = ("fingerprint", "id", "subject", "found", "expires")


@dataclass(frozen=True, slots=True)
class Known:
    """A known finding; a further change gives another fingerprint, and is new."""

    fingerprint: str
    id: str
    subject: str
    found: str
    expires: dt.date
    """The last day on which it is known."""

    @property
    def waiver(self) -> Waiver:
        return Waiver(self.fingerprint, f"known until {self.expires}", "baseline", self.expires)

    @property
    def words(self) -> str:
        return f"{self.id} {self.subject}: {self.found} ({self.fingerprint})"


def read_baseline(path: Path) -> tuple[Known, ...]:
    """The findings of the baseline at *path*. Raises MalformedFile."""
    import yaml  # only who has a baseline pays for it

    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
        return tuple(_known(path, entry) for entry in said["known"] or ())
    except FileNotFoundError:
        reason = "there is no such file; --update-baseline makes it"
        raise MalformedFile(str(path), None, reason) from None
    except OSError as error:
        raise MalformedFile(str(path), None, error.strerror or str(error)) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else None
        raise MalformedFile(str(path), line, "it is no valid YAML") from error
    except (KeyError, TypeError):
        reason = f"it is no baseline: a list `known` of entries with {', '.join(_KEYS)}"
        raise MalformedFile(str(path), None, reason) from None


def _known(path: Path, entry: dict[str, Any]) -> Known:
    if missing := [key for key in _KEYS if not entry.get(key)]:
        raise MalformedFile(str(path), None, f"an entry of `known` lacks {', '.join(missing)}")
    try:
        expires = dt.date.fromisoformat(str(entry["expires"]))
    except ValueError:
        reason = f"expires {str(entry['expires'])!r} must be a date such as 2027-01-31"
        raise MalformedFile(str(path), None, reason) from None
    facts = {key: str(entry[key]) for key in _KEYS if key != "expires"}
    return Known(**facts, expires=expires)


def write_baseline(
    path: Path, findings: Iterable[Finding], before: Iterable[Known], today: dt.date
) -> None:
    """Make *findings* what is known; those known *before*, and not expired, keep their day."""
    import yaml  # see read_baseline

    days = {known.fingerprint: known.expires for known in before if known.expires >= today}
    later = today + dt.timedelta(days=DAYS)
    entries = [
        {
            "fingerprint": finding.fingerprint,
            "id": finding.id,
            "subject": finding.subject,
            "found": finding.found,
            "expires": days.get(finding.fingerprint, later),
        }
        for finding in sorted(findings, key=lambda f: (f.subject, f.id))
    ]
    text = yaml.safe_dump({"known": entries}, sort_keys=False, allow_unicode=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f"# What `wireproof test` is known to find, each until its day.\n{text}", "utf-8"
    )


def gone(
    known: Iterable[Known], findings: Iterable[Finding], called: Iterable[str]
) -> tuple[Known, ...]:
    """What is known and no longer found, of the methods that were *called*."""
    seen, methods = {finding.fingerprint for finding in findings}, set(called)
    return tuple(
        one
        for one in known
        if one.fingerprint not in seen and one.subject.partition(":")[0] in methods
    )
