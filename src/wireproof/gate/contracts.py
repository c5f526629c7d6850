"""The contracts that wireproof.yaml names."""

from __future__ import annotations

from wireproof.contracts import Contract, read_contract
from wireproof.errors import MalformedFile
from wireproof.gate.config import FILE, Config, ServiceConfig


def all_contracts(config: Config) -> list[Contract]:
    """The contracts of every service."""
    return [one for service in config.services for one in contracts_of(config, service)]


def contracts_of(config: Config, service: ServiceConfig) -> list[Contract]:
    """The contracts that the configuration names; a pattern that matches nothing is a mistake."""
    found = []
    for pattern in service.contracts:
        paths = sorted(config.root.glob(pattern))
        if not paths:
            raise MalformedFile(FILE, None, f"no contract matches {pattern}")
        found += [read_contract(path, name=str(path.relative_to(config.root))) for path in paths]
    return found
