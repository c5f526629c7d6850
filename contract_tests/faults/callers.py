"""Faults of who may do what: nobody asked, anybody let in, permission looked at too late."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from contract_tests.faults.making import Servicer, around
from service import access, errors
from service.callers import caller_of
from service.interceptors.identity import Authentication
from service.interceptors.order import layers
from service.model import Caller, Role
from service.v1.servicer import UserServiceV1

_EVERYBODY = Caller(name="nobody-in-particular", role=Role.ADMIN)


def asking_nobody(method: str) -> Any:
    """The layers, with a method that asks nobody for credentials."""

    class Open(Authentication):
        def wrap(self, handler: Any, called: Any) -> Any:
            if called.path.endswith(f"/{method}"):
                return _Everybody(()).wrap(handler, called)
            return super().wrap(handler, called)

    return _with(Open)


class _Everybody(Authentication):
    async def _identify(self, current: Any, context: Any) -> None:
        del context
        current.caller = _EVERYBODY


def believing(method: str) -> Any:
    """The layers, with a method that takes any token for a good one."""

    class Believing(Authentication):
        async def _identify(self, current: Any, context: Any) -> None:
            try:
                await super()._identify(current, context)
            except errors.Refusal as refusal:
                if refusal.reason != "CREDENTIALS_INVALID":
                    raise
                current.caller = _EVERYBODY

    class Open(Authentication):
        def wrap(self, handler: Any, called: Any) -> Any:
            kind = Believing if called.path.endswith(f"/{method}") else Authentication
            return kind(self._kinds).wrap(handler, called)

    return _with(Open)


def answering(code: int) -> Any:
    """The layers, with another status for missing credentials."""

    class Answering(Authentication):
        async def _identify(self, current: Any, context: Any) -> None:
            try:
                await super()._identify(current, context)
            except errors.Refusal as refusal:
                raise replace(refusal, code=code) from None

    return _with(Answering)


def _with(kind: type[Authentication]) -> Any:
    def changed(settings: Any, parts: Any) -> Any:
        return tuple(
            kind(parts.kinds) if isinstance(layer, Authentication) else layer
            for layer in layers(settings, parts)
        )

    return changed


def open_to_anyone(method: str) -> dict[str, Any]:
    """The rules of access, with one that lets everybody by."""
    return {"service.access.METHODS": {**access.METHODS, access.V1 + method: access.anyone}}


def asked_late(method: str, rule: access.Rule) -> Servicer:
    """The method looks for the user first, and for permission afterwards."""

    async def handle(self: Any, healthy: Any, request: Any, context: Any) -> Any:
        self._rules.check(request)
        user_id = getattr(request, "user_id", "") or request.user.user_id
        await self._users.get(user_id)
        access.require(rule, caller_of(context), request)
        return await healthy(request, context)

    return around(method, handle)


def asked_after_validation(method: str, rule: access.Rule) -> Servicer:
    """The method tells what is wrong with a request before it asks whether it may be made."""

    async def handle(self: Any, healthy: Any, request: Any, context: Any) -> Any:
        self._rules.check(request)
        access.require(rule, caller_of(context), request)
        return await healthy(request, context)

    return around(method, handle)


class KeysShared(UserServiceV1):
    """An idempotency key is one for all callers."""

    async def _create(self, request: Any, caller: Caller) -> Any:
        return await super()._create(request, replace(caller, name=""))
