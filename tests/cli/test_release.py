"""`wireproof release`: a version is frozen once."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from tests.contracts.support import compiled
from wireproof.cli import main
from wireproof.schema.source import load


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """The command in a folder with a schema."""
    monkeypatch.chdir(tmp_path)
    Path("shop.binpb").write_bytes(compiled().image())

    def run(*args):
        with pytest.raises(SystemExit) as ended:
            main(["release", *args])
        out, err = capsys.readouterr()
        return ended.value.code, out, err

    return run


def test_a_release_is_an_image_and_its_checksum(run):
    """It reads back as the schema that it froze."""
    code, out, err = run("v1.2.0", "shop.binpb")
    assert (code, err) == (0, "")
    assert out.startswith("compat/releases/1.2.0.binpb: 1.2.0, ")
    image = Path("compat/releases/1.2.0.binpb")
    digest = hashlib.sha256(image.read_bytes()).hexdigest()
    assert Path(f"{image}.sha256").read_text() == f"{digest}  1.2.0.binpb\n"
    assert load("release:1.2.0").digest == compiled().digest


def test_a_release_is_never_overwritten(run):
    """Not even by the same schema."""
    run("1.2.0", "shop.binpb")
    before = Path("compat/releases/1.2.0.binpb").read_bytes()
    code, out, err = run("1.2.0", "shop.binpb")
    assert (code, out) == (2, "")
    assert "exists and releases never change: choose another version" in err
    assert Path("compat/releases/1.2.0.binpb").read_bytes() == before


def test_a_dry_run_writes_nothing(run):
    """And says the same."""
    code, out, err = run("1.2.0", "shop.binpb", "--dry-run", "--format", "json")
    assert (code, err) == (0, "")
    assert json.loads(out) == {
        "format_version": 1,
        "version": "1.2.0",
        "digest": compiled().digest,
        "files": len(compiled().files),
        "path": "compat/releases/1.2.0.binpb",
        "dry_run": True,
    }
    assert not Path("compat").exists()


@pytest.mark.parametrize("version", ["1.2", "latest", "1.02.0", "../1.0.0"])
def test_a_version_is_semantic(run, version):
    """Anything else would have no order."""
    code, _, err = run(version, "shop.binpb")
    assert code == 2
    assert f"'{version}' must be a semantic version such as 1.2.0" in err


def test_a_schema_that_cannot_be_read_is_told(run):
    """In a sentence."""
    code, _, err = run("1.2.0", "none")
    assert code == 2
    assert err.startswith("wireproof: cannot read the schema none: ")
