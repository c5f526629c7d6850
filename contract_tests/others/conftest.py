"""Where the page of what was found at servers that others wrote comes from (`make others`)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract_tests.others.page import Told, table_rows, with_rows
from wireproof.testing import TestReport

PAGE = "OTHERS_PAGE"
"""The variable that names the page; without it nothing is written."""


@pytest.fixture(scope="session")
def told() -> Iterator[Told]:
    """Takes down the reports of the session's servers, for the page."""
    rows: list[str] = []

    def take(server: str, report: TestReport) -> TestReport:
        rows.extend(table_rows(server, report))
        return report

    yield take
    if page := os.environ.get(PAGE):
        path = Path(page)
        path.write_text(with_rows(path.read_text(encoding="utf-8"), rows), encoding="utf-8")
