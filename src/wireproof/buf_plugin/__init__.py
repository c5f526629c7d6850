"""`wireproof-buf-plugin`: Wireproof's rules inside `buf breaking`.

buf starts the executable about nine times a run, so only a check imports what a check needs.
"""

from wireproof.buf_plugin.main import main

__all__ = ["main"]
