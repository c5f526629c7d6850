"""Callers whom a server knows: what proves each, given as text, as metadata or by a function."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, replace
from typing import Any

from wireproof.errors import UnknownName, WireproofError
from wireproof.exchange.channel import Metadata, Target

CALLER, OTHER, ADMIN = "caller", "other caller", "admin"
CALLERS = (CALLER, OTHER, ADMIN)
"""Two callers without wider permissions, and one who may do everything."""

_KEY = re.compile(r"[0-9a-z_.-]+")
_PROVES = re.compile(r"^(authorization|cookie|proxy-authorization)$|token|api-?key|secret|session")
"""Metadata keys that usually prove who calls."""


@dataclass(eq=False)
class UnusableCredentials(WireproofError):
    """Credentials of which no metadata can be made."""

    name: str
    """Whose they are; empty where they name nobody."""
    reason: str

    def __str__(self) -> str:
        whose = f"the credentials of {self.name!r}" if self.name else "credentials without a name"
        return f"{whose} cannot be used: {self.reason}"


@dataclass(frozen=True, slots=True)
class Caller:
    """One whom the server knows.

    *proof* is metadata: a text (`authorization: Bearer …`) or several, pairs, a mapping, or a
    function that returns one of these and is called once a run. *id* is the name under which the
    server knows the caller, where resources belong to callers by name.
    """

    proof: Any
    id: str = ""

    def __repr__(self) -> str:
        return f"Caller(id={self.id!r})"  # what proves a caller stands in no output

    def metadata(self, name: str) -> Metadata:
        """What its calls carry. Raises UnusableCredentials."""
        proof = self.proof
        if callable(proof):
            try:
                proof = proof()
            except Exception as error:  # whatever a user's function raises is told, not thrown
                reason = f"its function raised {type(error).__name__}: {error}"
                raise UnusableCredentials(name, reason) from error
        return metadata_of(proof, lambda reason: UnusableCredentials(name, reason))


Callers = Mapping[str, Caller]


def metadata_of(proof: Any, wrong: Callable[[str], WireproofError]) -> Metadata:
    """Metadata from any form in which a user may write it; raises what *wrong* makes."""
    if isinstance(proof, str):
        return (_pair(proof, wrong),)
    items = proof.items() if isinstance(proof, Mapping) else proof
    if not isinstance(items, Iterable) or isinstance(items, bytes):
        raise wrong("it must be 'KEY: VALUE', pairs, a mapping, or a function that returns one")
    return tuple(_item(item, wrong) for item in items)


def _item(item: Any, wrong: Callable[[str], WireproofError]) -> tuple[str, str | bytes]:
    if isinstance(item, str):
        return _pair(item, wrong)
    if isinstance(item, Iterable) and len(pair := tuple(item)) == 2:
        key, value = pair
        if isinstance(key, str) and isinstance(value, str | bytes) and value:
            return _checked(key.lower(), value, wrong)
    raise wrong("each item must be 'KEY: VALUE' or a pair of key and value")


def _pair(text: str, wrong: Callable[[str], WireproofError]) -> tuple[str, str | bytes]:
    key, colon, value = text.partition(":")
    if not colon or not value.strip():
        raise wrong("a text must read 'KEY: VALUE'")
    return _checked(key.strip().lower(), value.strip(), wrong)


def _checked(
    key: str, value: str | bytes, wrong: Callable[[str], WireproofError]
) -> tuple[str, str | bytes]:
    plain = isinstance(value, bytes) == key.endswith("-bin")
    if not _KEY.fullmatch(key) or not plain or (isinstance(value, str) and not value.isascii()):
        raise wrong(f"{key!r} is no metadata: keys are letters, digits and _.-, values ASCII text")
    return key, value


def callers_given(texts: Iterable[str], environment: Mapping[str, str]) -> dict[str, Caller]:
    """The callers that a command line (`NAME=KEY: VALUE`) and the environment name.

    The environment variables are WIREPROOF_CALLER, WIREPROOF_OTHER_CALLER and WIREPROOF_ADMIN; the
    command line goes first. Raises UnknownName, UnusableCredentials.
    """
    found: dict[str, Any] = {}
    for name in CALLERS:
        variable = f"WIREPROOF_{name.upper().replace(' ', '_')}"
        if environment.get(variable):
            found[name] = [environment[variable]]
    said: dict[str, list[str]] = {}
    for text in texts:
        name, equals, proof = text.partition("=")
        if not equals:  # what was written may be a secret
            raise UnusableCredentials("", "write NAME='KEY: VALUE', as admin='authorization: …'")
        name = name.strip().replace("-", " ").replace("_", " ")
        if name not in CALLERS:
            raise UnknownName("caller", name, CALLERS)
        said.setdefault(name, []).append(proof)
    callers = {name: Caller(tuple(proof)) for name, proof in {**found, **said}.items()}
    for name, caller in callers.items():
        caller.metadata(name)  # a mistake is told before the first call
    return callers


def apart(target: Target, keys: Set[str]) -> tuple[Target, Metadata]:
    """A target without the metadata that proves who calls, and that metadata.

    What proves somebody has one of *keys*, or a usual key where there are none.
    """

    def proves(key: str) -> bool:
        return key in keys if keys else bool(_PROVES.search(key))

    proof = tuple(pair for pair in target.metadata if proves(pair[0].lower()))
    rest = tuple(pair for pair in target.metadata if pair not in proof)
    return replace(target, metadata=rest), proof
