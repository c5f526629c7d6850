"""One call of any of the four styles, as a list of steps."""

from wireproof.exchange.exchange import Exchange, Method, Script, Step, StepKind, Style

__all__ = ["Exchange", "Method", "Script", "Step", "StepKind", "Style"]
