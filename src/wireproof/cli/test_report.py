"""Where the reports of `wireproof test` go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from wireproof.testing.outcome import TestReport
    from wireproof.verdict import Verdict

STDOUT = Path("-")
SUFFIXES = {".json": "json", ".xml": "junit", ".html": "html", ".txt": "text"}


def places(formats: tuple[str, ...], outputs: tuple[Path, ...]) -> tuple[tuple[str, Path], ...]:
    """Each format and its file, in their order; without formats, the files' names tell them.

    Raises UsageError where two would share a place, or a name tells nothing.
    """
    if not formats:
        formats = (*(_by_name(path) for path in outputs), "text")
    if len(outputs) > len(formats):
        raise click.UsageError("each --output needs a --format, or none has one")
    missing = len(formats) - len(outputs)
    found = tuple(zip(formats, (*outputs, *([STDOUT] * missing)), strict=True))
    if len({path for _, path in found}) < len(found):
        raise click.UsageError("each --format needs an --output of its own")
    return found


def _by_name(path: Path) -> str:
    if path.suffix not in SUFFIXES:
        known = ", ".join(SUFFIXES)
        raise click.UsageError(f"--output {path}: name it {known}, or say its --format")
    return SUFFIXES[path.suffix]


def written(
    report: TestReport, verdict: Verdict, where: tuple[tuple[str, Path], ...]
) -> Iterator[str]:
    """Write each report; yields what belongs on stdout. Raises UsageError for a bad file."""
    for shape, path in where:
        text = _writer(shape)(report, verdict)
        if path == STDOUT:
            yield text
            continue
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            raise click.UsageError(f"cannot write {path}: {error.strerror or error}") from None


def _writer(shape: str) -> Callable[[TestReport, Verdict], str]:
    from wireproof.report.test import tested_junit, tested_text
    from wireproof.report.test_html import tested_html
    from wireproof.report.test_json import tested_json

    writers = {
        "text": tested_text,
        "json": tested_json,
        "junit": tested_junit,
        "html": tested_html,
    }
    return writers[shape]
