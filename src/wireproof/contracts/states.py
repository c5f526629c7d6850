"""Provider states: what must be true of the provider before an interaction.

A file of plain Python names them::

    def a_user_exists(client, user_id="", email=""):
        user = client.call("CreateUser", {"user": {
            "userId": user_id or client.unique("u"),
            "email": email or f"{client.unique()}@example.com",
        }})
        return {"user_id": user["userId"]}

    STATES = {"a user exists": a_user_exists}

A state takes the client and what the contract gives in `with`. What it returns fills `${user_id}`
in the steps of the interaction.
"""

from __future__ import annotations

import inspect
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from google.protobuf import json_format

from wireproof.contracts.contract import Contract
from wireproof.contracts.parts import closest
from wireproof.contracts.protojson import written
from wireproof.errors import MalformedFile, UnknownName
from wireproof.exchange.channel import Metadata
from wireproof.exchange.door import Door
from wireproof.exchange.exchange import Method, Script, method_of, sends
from wireproof.python_file import run_file, told
from wireproof.schema.schema import Schema

State = Callable[..., Mapping[str, Any] | None]
States = Mapping[str, State]


@dataclass(eq=False)
class CallFailed(Exception):
    """A call of a provider state that the provider did not answer with OK."""

    method: str
    code: str
    """The name of the status code."""
    message: str

    def __str__(self) -> str:
        return f"{self.method} answered {self.code}: {self.message}"


@dataclass(eq=False)
class StateFailed(Exception):
    """A provider state that could not be entered."""

    state: str
    reason: str

    def __str__(self) -> str:
        return f"the state {self.state!r} could not be entered: {self.reason}"


@dataclass
class Client:
    """What a provider state uses to set the provider up: its public API."""

    door: Door = field(repr=False)
    schema: Schema = field(repr=False)
    provider: str
    """The service whose methods may be called by their short names."""
    metadata: Metadata = ()

    @property
    def address(self) -> str:
        """Where the provider listens."""
        return self.door.target.address

    def call(
        self, method: str, *requests: Mapping[str, Any], metadata: Mapping[str, str] | None = None
    ) -> Any:
        """Call *method* with ProtoJSON requests (none: one empty one) and half-close.

        Returns the reply as ProtoJSON, with keys in lowerCamelCase; a list of them where the method
        streams replies. Raises CallFailed where the status is not OK.
        """
        called = self._method(method)
        messages = [json_format.ParseDict(dict(r), called.request()) for r in requests or ({},)]
        pairs = tuple((metadata or {}).items())
        common = tuple(pair for pair in self.metadata if pair[0] not in dict(pairs))
        exchange = self.door.call(called, Script(sends(*messages), (*common, *pairs)))
        if not exchange.ok:
            raise CallFailed(called.name, exchange.code.name, exchange.message)
        replies = [written(reply) for reply in exchange.replies()]
        return replies if called.style.server_streams else replies[0]

    def unique(self, prefix: str = "id") -> str:
        """A name that no other call returns, in this run or another: `id-1f0c5b7e9a`."""
        return f"{prefix}-{secrets.token_hex(5)}"

    def _method(self, name: str) -> Method:
        wanted = name if "." in name else f"{self.provider}.{name}"
        known = {method.full_name: method for method in self.schema.methods()}
        if wanted not in known:
            raise UnknownName("method", wanted, tuple(known))
        return method_of(known[wanted])


def load_states(path: Path) -> States:
    """The `STATES` of a Python file.

    Raises MalformedFile where there is no such file, it does not run, or it has no table of states.
    """
    module = run_file(path)
    states = getattr(module, "STATES", None)
    if not isinstance(states, Mapping):
        raise MalformedFile(
            str(path), None, "it must define STATES, a mapping of names to functions"
        )
    for name, state in states.items():
        if not isinstance(name, str) or not callable(state):
            raise MalformedFile(str(path), None, f"STATES[{name!r}] must be a function")
    return states


def check_states(contracts: Iterable[Contract], states: States) -> None:
    """Raise MalformedFile where a contract names a state that *states* lack, or misuses one."""
    for contract in contracts:
        for interaction in contract.interactions:
            for given in interaction.given:
                at = given.location
                if given.name not in states:
                    known = ", ".join(sorted(states)) or "none; give their file with --states"
                    hint = closest(given.name, tuple(states))
                    reason = f"no provider state {given.name!r}{hint} (known: {known})"
                    raise MalformedFile(at.file, at.line, reason, at.column)
                params = given.params.plain() if given.params else {}
                if reason := _misused(states[given.name], params):
                    words = f"the state {given.name!r} does not take what `with` gives: {reason}"
                    raise MalformedFile(at.file, at.line, words, at.column)


def enter(name: str, state: State, client: Client, params: Mapping[str, Any]) -> dict[str, Any]:
    """Bring the provider into a state; what it returns. Raises StateFailed."""
    try:
        returned = state(client, **params) or {}
    except Exception as error:  # whatever a user's function raises is told, not thrown
        raise StateFailed(name, _told(error)) from error
    if not isinstance(returned, Mapping):
        raise StateFailed(name, f"it returned {returned!r}, not a mapping of names to values")
    for key, value in returned.items():
        if not isinstance(value, str | int | float | bool):
            raise StateFailed(name, f"it returned {value!r} as {key}, not a text or a number")
    return dict(returned)


def _misused(state: State, params: Mapping[str, Any]) -> str:
    try:
        inspect.signature(state).bind(None, **params)
    except TypeError as error:
        return str(error)
    return ""


def _told(error: Exception) -> str:
    if isinstance(error, CallFailed):
        return str(error)
    return told(error)
