"""Findings under a policy: what may ship, and what needs whose word."""

from wireproof.verdict.judge import Verdict, judge
from wireproof.verdict.policy import Policy
from wireproof.verdict.waivers import Waiver, read_waivers, write_waiver

__all__ = ["Policy", "Verdict", "Waiver", "judge", "read_waivers", "write_waiver"]
