"""Large replies travel compressed, small ones as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import grpc

from service.interceptors.handlers import Call, Context, Handler, wrapped

if TYPE_CHECKING:
    from service.current import Method
    from service.settings import Settings


class Compression:
    """gzip for replies above a size, where the client's metadata says that it takes it.

    gRPC negotiates the encoding; this only says where it is worth the time.
    """

    def __init__(self, settings: Settings) -> None:
        self._above = settings.gzip_above

    def wrap(self, handler: Handler, method: Method) -> Handler:
        if not self._above or method.public:
            return handler
        return wrapped(handler, self._streaming if method.replies_stream else self._single)

    def _single(self, call: Call, handler: Handler) -> Call:  # noqa: ARG002
        async def compressed(request: Any, context: Context) -> Any:
            reply = await call(request, context)
            if reply is not None and reply.ByteSize() > self._above:
                context.set_compression(grpc.Compression.Gzip)
            return reply

        return compressed

    def _streaming(self, call: Call, handler: Handler) -> Call:  # noqa: ARG002
        async def compressed(request: Any, context: Context) -> Any:
            context.set_compression(grpc.Compression.Gzip)
            return await call(request, cast("Context", _Choosing(context, self._above)))

        return compressed


class _Choosing:
    """A context that compresses the messages for which it pays."""

    def __init__(self, context: Context, above: int) -> None:
        self._context = context
        self._above = above

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    async def write(self, message: Any) -> None:
        if message.ByteSize() <= self._above:
            self._context.disable_next_message_compression()
        await self._context.write(message)
