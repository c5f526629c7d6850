"""`python -m tools.checks_page`: docs/checks.md, which lists every check of running services."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from wireproof.checks import TABLES, Check
from wireproof.finding import Severity
from wireproof.severities import DEFAULTS

PAGE = Path(__file__).parents[1] / "docs" / "checks.md"
_HEAD = """# What `wireproof test` checks

Made by `python -m tools.checks_page` from the rows in `src/wireproof/checks/`; a test holds the
two together.

Profiles: `grpc` is always on: what gRPC, Protobuf and the schema itself promise. `aip` holds where
asked for (`--profile grpc,aip`), or where the schema's own annotations (google.api) make a method
one of the AIPs' standard methods; `self`, what a server says twice must agree, where no AIP is
promised, in their place; `aip-strict` only where asked for. Severities are the defaults;
`severities:` in `wireproof.yaml` sets others. What no document fixes is a heuristic, and a warning
at most. What a library answers and an application cannot help is never held against the
application: libraries are recognised by their own words.
"""


def page() -> str:
    """The page as it must be."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield _HEAD
    for title, rows in TABLES.items():
        yield f"## {title}\n"
        yield "| check | what is at stake | profile | severity | source |"
        yield "| --- | --- | --- | --- | --- |"
        yield from map(_row, rows)
        yield ""


def _row(check: Check[Any]) -> str:
    severity = DEFAULTS.get(check.id, Severity.ERROR)
    cells = (f"`{check.id}`", check.why, str(check.profile), str(severity), _source(check.source))
    return f"| {' | '.join(cells)} |"


def _source(text: str) -> str:
    return "; ".join(f"<{s}>" if s.startswith("https://") else s for s in text.split("; "))


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
