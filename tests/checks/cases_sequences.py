"""Observations of sequences beside a model: whatever diverges is accused."""

from __future__ import annotations

from tests.checks.exchanges import exchange
from tests.exchange.serving import METHODS
from wireproof.checks import observations, sequences
from wireproof.exchange import Style

HEALTHY: dict[str, observations.Observation] = {}
FAULTY: dict[str, tuple[observations.Observation, set[str]]] = {
    "another value than before": (
        sequences.Diverged(
            METHODS[Style.UNARY], (exchange(),), "title", "what it held before", "another value"
        ),
        {"SEQUENCE_AGREES"},
    ),
}
