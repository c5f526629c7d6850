"""Signs that an error text was written by a machine for its maintainers."""

from __future__ import annotations

import re
from functools import lru_cache

# What was leaked → how it looks. Names of exceptions as types spell them, never plain words.
_SIGNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("a Python traceback", re.compile(r"Traceback \(most recent call last\)")),
    ("a Python traceback", re.compile(r'File "[^"]+\.py", line \d+')),
    ("a Java stack trace", re.compile(r"\bat [\w$.]+\([\w$]+\.(java|kt|scala):\d+\)")),
    ("a .NET stack trace", re.compile(r"\bat [\w.`<>]+\(.*\) in .+:line \d+")),
    ("a Go stack trace", re.compile(r"goroutine \d+ \[|\bpanic: ")),
    ("a Go run-time error", re.compile(r"runtime error: |nil pointer dereference")),
    ("a Rust panic", re.compile(r"panicked at ")),
    ("a JavaScript stack trace", re.compile(r"\bat .+ \(?(file://|/|node:)[^ )]+:\d+:\d+\)?")),
    ("a Ruby stack trace", re.compile(r"\.rb:\d+:in [`']")),
    ("the text of an exception", re.compile(r"Exception (calling application|iterating )")),
    ("the text of an exception", re.compile(r"Unexpected <class '")),
    ("the name of an exception", re.compile(r"\b[A-Za-z][a-z]\w*(Error|Exception)\b(?=[:(])")),
    (
        "the name of an exception",
        re.compile(r"\b(java|javax|kotlin|scala|System)(\.\w+)+Exception"),
    ),
    ("the text of an exception", re.compile(r"'NoneType' object|object has no attribute '")),
    ("the text of an exception", re.compile(r"Cannot read propert(y|ies) of (undefined|null)")),
    ("the text of an exception", re.compile(r"Object reference not set to an instance")),
    ("a database error", re.compile(r"SQLSTATE|sqlite3\.|psycopg|asyncpg\.|ORA-\d{5}|pq: ")),
    ("a database error", re.compile(r"UNIQUE constraint failed|violates \w+ constraint")),
    (
        "a path of the server",
        re.compile(r"(?<![\w/.:])/(usr|home|opt|var|app|srv|root|tmp)/[\w./-]+"),
    ),
    ("a path of the server", re.compile(r"\b[A-Z]:\\[\w\\.-]+")),
)


def leaked(text: str, said: bytes = b"") -> str | None:
    """What *text* tells of the server's inside; None where nothing looks like it.

    What the caller *said* itself may be repeated.
    """
    for what, found in _signs_in(text):
        if found not in said:
            return what
    return None


@lru_cache(maxsize=512)
def _signs_in(text: str) -> tuple[tuple[str, bytes], ...]:
    """What *text* tells and where; most errors of a server say what others said before."""
    found = ((what, sign.search(text)) for what, sign in _SIGNS)
    return tuple((what, match.group(0).encode()) for what, match in found if match)
