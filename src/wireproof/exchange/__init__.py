"""One call of any of the four styles, as a list of steps.

`wireproof.exchange.channel` opens a way to a server, `wireproof.exchange.calls` makes the calls,
`wireproof.exchange.door` lets synchronous code make them; they are imported where used.
"""

from wireproof.exchange.exchange import (
    Exchange,
    Method,
    Script,
    Step,
    StepKind,
    Style,
    method_of,
    sends,
)
from wireproof.schema.target import Metadata

__all__ = [
    "Exchange",
    "Metadata",
    "Method",
    "Script",
    "Step",
    "StepKind",
    "Style",
    "method_of",
    "sends",
]
