"""Options for a machine that has other things to do: no promise hangs on its pace."""

from __future__ import annotations

from typing import Any

from wireproof.testing import Options


def patient(**asked: Any) -> Options:
    """What is *asked*, with time enough for calls and for the run."""
    return Options(**{"deadline": 20.0, "max_time": 900.0, **asked})
