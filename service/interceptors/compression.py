"""Large replies travel compressed, small ones as they are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

import grpc

from service.current import CURRENT
from service.interceptors.handlers import Call, Context, Handler, wrapped

if TYPE_CHECKING:
    from service.current import Method
    from service.settings import Settings

# What a client accepts (grpc-accept-encoding) gRPC hides from Python, and checks not itself. These
# clients always take gzip; Go's takes it where it is linked in, and Envoy's transcoder never does.
TAKES_GZIP = re.compile(r"grpc-c/|^grpc-java-|^grpc-node")


class Compression:
    """gzip for replies above a size, to clients that are known to take it."""

    def __init__(self, settings: Settings) -> None:
        self._above = settings.gzip_above

    def wrap(self, handler: Handler, method: Method) -> Handler:
        if not self._above or method.public:
            return handler
        return wrapped(handler, self._streaming if method.replies_stream else self._single)

    def _single(self, call: Call, handler: Handler) -> Call:  # noqa: ARG002
        async def compressed(request: Any, context: Context) -> Any:
            reply = await call(request, context)
            if reply is not None and reply.ByteSize() > self._above and _takes_gzip():
                context.set_compression(grpc.Compression.Gzip)
                await context.send_initial_metadata(())  # without it, aio forgets the encoding
            return reply

        return compressed

    def _streaming(self, call: Call, handler: Handler) -> Call:  # noqa: ARG002
        async def compressed(request: Any, context: Context) -> Any:
            if not _takes_gzip():
                return await call(request, context)
            context.set_compression(grpc.Compression.Gzip)
            return await call(request, cast("Context", _Choosing(context, self._above)))

        return compressed


def _takes_gzip() -> bool:
    current = CURRENT.get()
    agent = current.metadata.get("user-agent", "") if current else ""
    return isinstance(agent, str) and TAKES_GZIP.search(agent) is not None


class _Choosing:
    """A context that compresses the messages for which it pays."""

    def __init__(self, context: Context, above: int) -> None:
        self._context = context
        self._above = above
        self._begun = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    async def send_initial_metadata(self, metadata: Any) -> None:
        self._begun = True
        await self._context.send_initial_metadata(metadata)

    async def write(self, message: Any) -> None:
        if not self._begun:
            await self.send_initial_metadata(())
        if message.ByteSize() <= self._above:
            self._context.disable_next_message_compression()
        await self._context.write(message)
