"""Two streams at once: who hears everybody does so however slow the machine."""

from __future__ import annotations

import threading
from typing import Any

from tests.testing import office, stream_shapes
from tests.testing.test_warehouse import found
from wireproof.testing import Phase

_LATE = 0.4
"""Seconds after which others hear what is said, but for the first of it."""


class Slow(stream_shapes.Chat):
    """Delivers late, and ends a stream with its speaker, whatever is still on its way to it."""

    service = "Chat"

    def _listen(self, requests: Any, mine: Any) -> None:
        try:
            for number, line in enumerate(requests):
                mine.put(line)
                for ear in [ear for ear in self.ears if ear is not mine]:
                    threading.Timer(_LATE if number else 0.0, ear.put, (line,)).start()
        except Exception:  # noqa: BLE001 (the speaker has gone)
            pass
        mine.put(None)


def test_what_comes_too_late_is_no_leak():
    """
    One stream has heard some of what was said on the other, and not the rest.
    """
    assert found(Slow, phases=(Phase.EXAMPLES, Phase.STATEFUL), max_calls=300) == []


class Leaking(office.Office):
    """Tells a stream of the last reply to another, before its own next one."""

    last: Any = None

    def admit(self, requests: Any, context: Any) -> Any:
        mine = None
        for reply in super().admit(requests, context):
            if mine is not None and self.last is not mine:
                yield self.last
            self.last = mine = reply
            yield reply


def test_what_comes_of_another_stream_now_and_then_is_a_leak():
    """
    Whoever hears everybody hears all that is said, and not the last of it.
    """
    findings = found(Leaking, phases=(Phase.EXAMPLES, Phase.STATEFUL), max_calls=300)
    assert ("STREAMS_ISOLATED", "Admit") in findings
