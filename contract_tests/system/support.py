"""What system tests share."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"  # as PostgreSQL's protocol asks for it
Fate = Literal["answered", "lost on the way there", "lost on the way back"]


@dataclass
class Wire:
    """A way to a PostgreSQL server on which a COMMIT can be lost, once, with its connection."""

    port: int
    fate: Fate = "answered"
    lost: int = 0

    async def serve(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        """Pass on what one client sends, and what it is answered."""
        far, forth = await asyncio.open_connection("127.0.0.1", self.port)
        answers = asyncio.create_task(self._copy(far, back))
        try:
            while data := await near.read(65536):
                if COMMIT not in data or self.fate == "answered":
                    forth.write(data)
                    continue
                self.lost += 1
                fate, self.fate = self.fate, "answered"
                if fate == "lost on the way back":
                    answers.cancel()
                    forth.write(data)
                    await far.read(65536)  # it is committed now
                return
        finally:
            answers.cancel()
            back.close()
            forth.close()

    async def _copy(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await source.read(65536):
                target.write(data)
            target.close()


@asynccontextmanager
async def wire_to(url: str) -> AsyncIterator[tuple[Wire, str]]:
    """A wire to the server of this URL, and the URL through it."""
    place = url.split("@")[1].split("/")[0]
    wire = Wire(int(place.rpartition(":")[2]))
    server = await asyncio.start_server(wire.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield wire, url.replace(place, f"127.0.0.1:{port}")
    finally:
        server.close()
