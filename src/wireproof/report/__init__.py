"""Findings and verdicts as text, JSON, Markdown and GitHub annotations."""
