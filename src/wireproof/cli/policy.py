"""The policy of the folder that a command is called in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from wireproof.finding import Severity
from wireproof.verdict import Policy

_FILE = Path("wireproof.yaml")


@dataclass(frozen=True, slots=True)
class Here:
    """What wireproof.yaml says of judging changes; the defaults where there is none."""

    policy: Policy
    promises: tuple[str, ...] = ()
    stored: tuple[str, ...] = ()


def policy_here(fail_on: str | None = None) -> Here:
    """Raises MalformedFile where wireproof.yaml says something impossible."""
    here = _read() if _FILE.is_file() else Here(Policy())
    if fail_on is None:
        return here
    return replace(here, policy=replace(here.policy, fail_on=Severity(fail_on)))


def _read() -> Here:
    # Its reader knows all stages of the gate: too much for who has no such file.
    from wireproof.gate.config import read_config

    config = read_config(Path(), services=False)
    return Here(config.policy, config.promises, config.stored)
