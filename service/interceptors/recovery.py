"""Whatever a call raises becomes a status that a client may see."""

from __future__ import annotations

from typing import Any

import grpc
from grpc_status import rpc_status

from service.errors import status_of
from service.interceptors.handlers import Call, Context, Handler, PerMethod, wrapped


class Recovery(PerMethod):
    """Refusals keep their words; an unforeseen error is INTERNAL with a fixed sentence."""

    def wrap(self, handler: Handler) -> Handler:
        return wrapped(handler, _recovering)


def _recovering(call: Call, handler: Handler) -> Call:  # noqa: ARG001
    async def recovering(request: Any, context: Context) -> Any:
        try:
            return await call(request, context)
        except (grpc.aio.AbortError, grpc.aio.InternalError):  # answered, or the client is gone
            raise
        except Exception as error:  # noqa: BLE001 (nothing may pass)
            await context.abort_with_status(rpc_status.to_status(status_of(error)))

    return recovering
