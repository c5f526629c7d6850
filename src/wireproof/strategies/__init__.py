"""Hypothesis strategies for the messages of any schema, valid and invalid."""

from wireproof.strategies.messages import invalid_messages, messages

__all__ = ["invalid_messages", "messages"]
