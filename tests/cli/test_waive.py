"""`wireproof waive`: a file for one finding, until a day that is still to come."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from wireproof.cli.main import main
from wireproof.verdict import Waiver, read_waivers

SAID = ("--reason", "nobody reads it", "--owner", "ada")
TODAY = dt.datetime.now(dt.UTC).date()


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def waive(*args: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["waive", *args])
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_a_waiver_is_a_file_with_a_day():
    day = TODAY + dt.timedelta(days=1)
    assert waive("370406f9e462", *SAID, "--expires", str(day)) == 0
    path = Path("compat/waivers/370406f9e462.yaml")
    assert read_waivers(path.parent) == (
        Waiver("370406f9e462", "nobody reads it", "ada", day, path),
    )


def test_a_day_that_is_over_is_refused(capsys):
    """
    Such a waiver would cover nothing from the start.
    """
    assert waive("370406f9e462", *SAID, "--expires", "2020-01-01") == 2
    assert "2020-01-01 is over; name a day from" in capsys.readouterr().err
    assert not Path("compat").exists()


def test_nobody_waives_without_a_name(capsys):
    assert waive("370406f9e462", "--reason", "nobody reads it") == 2
    assert "--owner" in capsys.readouterr().err
