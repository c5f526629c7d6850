"""Kinds of credentials, and how they are asked for."""
