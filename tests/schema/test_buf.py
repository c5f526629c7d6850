"""How buf is run: what it says is told whole, and it may not take forever."""

from __future__ import annotations

from pathlib import Path

import pytest

from wireproof.schema import buf
from wireproof.schema.buf import BufStuck, complaint, run_buf


def test_what_a_complaint_announces_is_told_with_it():
    """
    The modules stand in the lines below the one that ends in a colon.
    """
    said = 'Failure: a.proto is contained in multiple modules:\n  path: "w/x"\n  path: "w/y"\n'
    told = 'a.proto is contained in multiple modules: path: "x"; path: "y"'
    assert told == complaint(said, strip="w")


def test_of_several_errors_the_first_is_told_and_the_others_are_counted():
    one = '{"path": "x/a.proto", "start_line": 3, "start_column": 1, "message": "syntax error"}\n'
    assert complaint(one * 3) == "x/a.proto:3:1: syntax error (and 2 more)"


@pytest.fixture
def stuck(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A buf that comes to no end, and no patience with it."""
    never = tmp_path / "buf"
    never.write_text("#!/bin/sh\ntrap '' TERM\nexec sleep 600\n")
    never.chmod(0o755)
    monkeypatch.setattr(buf, "buf_path", lambda: str(never))
    monkeypatch.setenv("WIREPROOF_BUF_SECONDS", "0.1")


@pytest.mark.usefixtures("stuck")
def test_a_buf_that_does_not_end_is_stopped():
    """
    Its parser can take minutes for one very long line; it heeds no SIGTERM then.
    """
    with pytest.raises(BufStuck, match=r"^buf build did not end in 0\.1 seconds"):
        run_buf("build", ".")


@pytest.mark.usefixtures("stuck")
def test_the_limit_is_a_number(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WIREPROOF_BUF_SECONDS", "soon")
    with pytest.raises(Exception, match="WIREPROOF_BUF_SECONDS is a number of seconds, not 'soon'"):
        run_buf("build", ".")
