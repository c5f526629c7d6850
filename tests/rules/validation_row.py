"""A row of the tables of validation rules: a type, its rules before and after, the verdict."""

from __future__ import annotations

from typing import TypeAlias

SAME, NARROWED, WIDENED, BOTH = "same", "narrowed", "widened", "both"
Row: TypeAlias = tuple[str, str, str, str]
"""The type of a field, its old rules, its new ones, and what became of the values it takes."""
