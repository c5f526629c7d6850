"""Request paths that a `google.api.http` template matches, and what its variables capture.

The template syntax is that of google/api/http.proto: `*` is one segment, `**` any number of them,
`{field=segments}` a variable, `:verb` a suffix.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import product

_VARIABLE = re.compile(r"\{([^=}]+)(?:=([^}]*))?\}")
_TOKEN = re.compile(r"/?(?:\*\*)|\*|\{[^}]*\}|/|[^*{/]+")
ANY_VERB = "*"
"""The custom verb that leaves the method open."""
_RUNS = ("x1", "x1/x2", "x1/x2/x3", "")
"""What `**` stands for in the paths that are tried."""


def sample_path(template: str, run: str = _RUNS[1]) -> str:
    """A path that *template* matches: every segment that it leaves open is filled, `**` by *run*.

    What fills it is no literal of any template, so a template matches the sample only where it
    matches everything alike.
    """
    plain = _VARIABLE.sub(lambda found: found.group(2) or "*", template)
    filled = plain.replace("**", "\0").replace("*", "x1")
    return filled.replace("\0", run) if run else filled.replace("/\0", "").replace("\0", "")


def sample_paths(template: str) -> tuple[str, ...]:
    """Paths that together stand for all that *template* matches."""
    runs = _RUNS if "**" in template else _RUNS[:1]
    return tuple(dict.fromkeys(sample_path(template, run) for run in runs))


def meeting(one: str, other: str) -> str:
    """A path that both templates match, as little filled as can be; empty where none is tried."""
    for mine, its in product(_parts(one), _parts(other)):
        if len(mine) == len(its):
            path = "/".join(its[i] if "*" in part else part for i, part in enumerate(mine))
            path = path.replace("*", "x1")
            if captured(one, path) is not None and captured(other, path) is not None:
                return path
    return ""


def _parts(template: str) -> Iterator[list[str]]:
    """Its segments, `*` for each that it leaves open, `**` as one, two, three and none of them."""
    plain = _VARIABLE.sub(lambda found: found.group(2) or "*", template)
    for run in ("\0", "\0/\0", "\0/\0/\0", "") if "**" in plain else ("\0",):
        filled = plain.replace("**", run) if run else plain.replace("/**", "")
        yield filled.replace("\0", "*").split("/")


def captured(template: str, path: str) -> dict[str, str] | None:
    """Variable → what it captures of *path*; None where the template does not match."""
    pattern, names = _compiled(template)
    found = pattern.fullmatch(path)
    if found is None:
        return None
    return {
        name: (text or "").lstrip("/") for name, text in zip(names, found.groups(), strict=True)
    }


def variables(template: str) -> tuple[str, ...]:
    """The fields that the path fills."""
    return tuple(found.group(1) for found in _VARIABLE.finditer(template))


def same_verb(one: str, other: str) -> bool:
    return one == other or ANY_VERB in (one, other)


def plainness(template: str) -> tuple[int, int]:
    """How many segments a template fixes, and how few it leaves open without end: of two that
    match, servers that rank templates take the greater.
    """
    plain = _VARIABLE.sub(lambda found: found.group(2) or "*", template)
    segments = [s for s in plain.split("/") if s]
    return sum("*" not in s for s in segments), -plain.count("**")


@lru_cache(maxsize=4096)
def _compiled(template: str) -> tuple[re.Pattern[str], tuple[str, ...]]:
    names: list[str] = []
    parts: list[str] = []
    # A run of no segments takes its slash along: `/v1/**` matches `/v1`.
    for token in _TOKEN.findall(_slashed(template)):
        variable = _VARIABLE.fullmatch(token.removeprefix("/"))
        if variable:
            names.append(variable.group(1))
            parts.append(f"({_segments(variable.group(2) or '*')})")
        else:
            parts.append(_segments(token))
    return re.compile("".join(parts)), tuple(names)


def _slashed(template: str) -> str:
    """With the slash before a variable that may be empty moved into it."""
    return re.sub(r"/\{([^=}]+)=(\*\*[^}]*)\}", r"{\1=/\2}", template)


def _segments(text: str) -> str:
    pieces = re.split(r"(/?\*\*|\*)", text)
    open_ended = {"**": "[^:]*", "/**": "(?:/[^:]+)?", "*": "[^/:]+"}
    return "".join(open_ended.get(piece, re.escape(piece)) for piece in pieces)
