"""The command line: each command parses, calls one library function, prints, exits."""

from wireproof.cli.main import main

__all__ = ["main"]
