"""Healthy services that talk, count and carry: most of their calls are streams."""

from __future__ import annotations

import hashlib
import queue
import threading
from collections.abc import Iterator
from itertools import count
from typing import Any

from tests.testing.shapes import Code, Shape

_MANY = 1000


class Calculator(Shape):
    """Sums: nothing is kept."""

    file = "plain"

    def add(self, request, context):
        return self.kind("Number")(value=request.left + request.right)

    def divide(self, request, context):
        if not request.right:
            context.abort(Code.OUT_OF_RANGE, "nothing is divided by zero")
        return self.kind("Number")(value=request.left / request.right)

    def count_to(self, request, context):
        if not 0 <= request.value <= _MANY:
            context.abort(Code.OUT_OF_RANGE, "from 0 to 1000")
        yield from (self.kind("Number")(value=n) for n in range(int(request.value)))

    def sum(self, requests, context):
        return self.kind("Number")(value=sum(one.value for one in requests))

    def running_total(self, requests, context):
        total = 0.0
        for one in requests:
            total += one.value
            yield self.kind("Number")(value=total)


class Chat(Shape):
    """Talk: whatever anybody says, everybody hears, the speaker too."""

    file = "plain"

    def __init__(self) -> None:
        self.ears: list[queue.Queue[Any]] = []

    def talk(self, requests, context):
        mine: queue.Queue[Any] = queue.Queue()
        self.ears.append(mine)
        context.add_callback(lambda: mine.put(None))
        threading.Thread(target=self._listen, args=(requests, mine), daemon=True).start()
        try:
            yield from iter(mine.get, None)
        finally:
            self.ears.remove(mine)

    def _listen(self, requests: Iterator[Any], mine: queue.Queue[Any]) -> None:
        try:
            for line in requests:
                for ear in list(self.ears):
                    ear.put(line)
        except Exception:  # noqa: BLE001 (the speaker has gone)
            pass
        mine.put(None)


class Board(Shape):
    """A board: whoever pins a card is told of all so far, whoever pinned them."""

    file = "plain"

    def __init__(self) -> None:
        self.cards: list[Any] = []

    def pin(self, requests, context):
        for card in requests:
            self.cards.append(card)
            yield from list(self.cards)


class Files(Shape):
    """Files in chunks."""

    file = "plain"

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def upload(self, requests, context):
        name, data = "", b""
        for chunk in requests:
            if chunk.WhichOneof("part") == "name":
                name = chunk.name
            data += chunk.data
        if not name:
            context.abort(Code.INVALID_ARGUMENT, "the first chunk names the file")
        self.files[name] = data
        return self._info(name)

    def download(self, request, context):
        yield self.kind("Chunk")(name=request.name)
        data = self._data(request.name, context)
        for start in range(0, len(data), 1024):
            yield self.kind("Chunk")(data=data[start : start + 1024])

    def describe(self, request, context):
        self._data(request.name, context)
        return self._info(request.name)

    def _data(self, name: str, context: Any) -> bytes:
        if name not in self.files:
            context.abort(Code.NOT_FOUND, "no such file")
        return self.files[name]

    def _info(self, name: str) -> Any:
        data = self.files[name]
        digest = hashlib.sha256(data).hexdigest()
        return self.kind("FileInfo")(name=name, size=len(data), sha256=digest)


class Broker(Shape):
    """Topics: who subscribes hears what is published from then on."""

    file = "plain"

    def __init__(self) -> None:
        self.readers: list[tuple[str, queue.Queue[Any]]] = []
        self.offsets = count(1)

    def publish(self, request, context):
        for topic, reader in list(self.readers):
            if topic == request.topic:
                reader.put(request)
        return self.kind("Receipt")(offset=next(self.offsets))

    def subscribe(self, request, context):
        mine: queue.Queue[Any] = queue.Queue()
        entry = (request.topic, mine)
        self.readers.append(entry)
        context.add_callback(lambda: mine.put(None))
        context.send_initial_metadata(())
        try:
            yield from iter(mine.get, None)
        finally:
            self.readers.remove(entry)


class Bureau(Shape):
    """Streams that answer each message, or count them."""

    file = "plain"

    def change(self, requests, context):
        for note in requests:
            yield self.kind("Note")(slip=note.slip, units=note.units // 2)

    def count_coins(self, requests, context):
        units = [coin.units for coin in requests]
        return self.kind("CountCoinsReply")(
            accepted=len(units),
            distinct_coins=len(set(units)),
            total_units=min(sum(map(abs, units)), 2**64 - 1),
        )


SHAPES = (Calculator, Chat, Board, Files, Broker, Bureau)
