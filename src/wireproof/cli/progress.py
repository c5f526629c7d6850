"""How a run goes, live on stderr; nothing where stderr is no terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wireproof.testing.runner import Pulse

_OFTEN = 8
"""Times a second that the line is drawn."""


@contextmanager
def progress() -> Iterator[Callable[[Pulse], None] | None]:
    """What to tell how a run goes; None where nobody looks."""
    from rich.console import Console  # only who tests pays for it
    from rich.live import Live
    from rich.text import Text

    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    with Live(console=console, refresh_per_second=_OFTEN, transient=True) as live:
        yield lambda pulse: live.update(Text(words(pulse)))


def words(pulse: Pulse) -> str:
    """`1,204 of 4,000 calls, 310/s, 84 % of the schema reached, 2 findings, 4 s`."""
    rate = pulse.calls / pulse.seconds if pulse.seconds else 0.0
    findings = "1 finding" if pulse.findings == 1 else f"{pulse.findings} findings"
    return (
        f"{pulse.calls:,} of {pulse.max_calls:,} calls, {rate:,.0f}/s, "
        f"{pulse.coverage:.0%} of the schema reached, {findings}, {pulse.seconds:.0f} s"
    )
