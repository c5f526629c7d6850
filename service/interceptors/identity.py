"""Who calls, and whether they may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from service import access, errors
from service.callers import as_they_say
from service.current import CURRENT
from service.interceptors.handlers import Call, Context, Handler, wrapped

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from service.callers import Authenticator
    from service.current import Current, Method


class Authentication:
    """Asks each kind of credentials in turn; with none configured, callers are who they say."""

    def __init__(self, kinds: Sequence[Authenticator]) -> None:
        self._kinds = kinds

    def wrap(self, handler: Handler, method: Method) -> Handler:
        return handler if method.public else wrapped(handler, self._authenticating)

    def _authenticating(self, call: Call, handler: Handler) -> Call:  # noqa: ARG002
        async def authenticated(request: Any, context: Context) -> Any:
            current = CURRENT.get()
            assert current is not None, "Naming is an outer layer"
            await self._identify(current, context)
            return await call(request, context)

        return authenticated

    async def _identify(self, current: Current, context: Context) -> None:
        if not self._kinds:
            current.caller = as_they_say(current.metadata)
            return
        for kind in self._kinds:
            current.caller = await kind.caller(current.metadata, context.auth_context)
            if current.caller is not None:
                return
        raise errors.credentials_missing()


class Authorization:
    """Refuses what `access` does not allow, before anything is validated or looked up.

    A stream of requests is judged as a whole before its first one.
    """

    def wrap(self, handler: Handler, method: Method) -> Handler:
        if method.public:
            return handler
        rule = access.METHODS.get(method.path, access.nobody)

        def authorizing(call: Call, handler: Handler) -> Call:  # noqa: ARG001
            def authorized(request: Any, context: Context) -> Awaitable[Any]:
                current = CURRENT.get()
                assert current is not None and current.caller is not None  # noqa: PT018
                access.require(rule, current.caller, request)
                return call(request, context)

            return authorized

        return wrapped(handler, authorizing)
