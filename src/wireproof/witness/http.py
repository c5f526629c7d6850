"""Request paths that a `google.api.http` template matches, and what its variables capture.

The template syntax is that of google/api/http.proto: `*` is one segment, `**` any number of them,
`{field=segments}` a variable, `:verb` a suffix.
"""

from __future__ import annotations

import re
from functools import lru_cache

_VARIABLE = re.compile(r"\{([^=}]+)(?:=([^}]*))?\}")
_TOKEN = re.compile(r"\*\*|\*|\{[^}]*\}|[^*{]+")


def sample_path(template: str) -> str:
    """A path that *template* matches: every segment that it leaves open is filled."""
    plain = _VARIABLE.sub(lambda found: found.group(2) or "*", template)
    return plain.replace("**", "x1/x2").replace("*", "x1")


def captured(template: str, path: str) -> dict[str, str] | None:
    """Variable → what it captures of *path*; None where the template does not match."""
    pattern, names = _compiled(template)
    found = pattern.fullmatch(path)
    return None if found is None else dict(zip(names, found.groups(), strict=True))


@lru_cache(maxsize=4096)
def _compiled(template: str) -> tuple[re.Pattern[str], tuple[str, ...]]:
    names: list[str] = []
    parts: list[str] = []
    for token in _TOKEN.findall(template):
        variable = _VARIABLE.fullmatch(token)
        if variable:
            names.append(variable.group(1))
            parts.append(f"({_segments(variable.group(2) or '*')})")
        else:
            parts.append(_segments(token))
    return re.compile("".join(parts)), tuple(names)


def _segments(text: str) -> str:
    pieces = re.split(r"(\*\*|\*)", text)
    open_ended = {"**": "[^:]+", "*": "[^/:]+"}
    return "".join(open_ended.get(piece, re.escape(piece)) for piece in pieces)
