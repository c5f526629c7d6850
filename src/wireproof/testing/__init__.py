"""Generated contract tests of a running gRPC server."""

from wireproof.testing.callers import Caller
from wireproof.testing.options import DETERMINISTIC, Options, Phase
from wireproof.testing.outcome import MethodOutcome, TestReport
from wireproof.testing.runner import run_tests

__all__ = [
    "DETERMINISTIC",
    "Caller",
    "MethodOutcome",
    "Options",
    "Phase",
    "TestReport",
    "run_tests",
]
