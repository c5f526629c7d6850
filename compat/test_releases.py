"""Releases are immutable, complete, and all that lies in their folder."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from wireproof.schema.release import releases
from wireproof.schema.source import load

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "compat/releases"
VERSIONS = releases(ROOT)


def test_the_first_release_is_there():
    """What was promised once stays on record."""
    assert VERSIONS[0] == "1.0.0"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_release_is_what_its_checksum_says(version):
    """As `sha256sum --check` would find, too."""
    image = FOLDER / f"{version}.binpb"
    checksum = FOLDER / f"{version}.binpb.sha256"
    digest = hashlib.sha256(image.read_bytes()).hexdigest()
    assert checksum.read_text(encoding="utf-8") == f"{digest}  {image.name}\n"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_release_holds_its_imports(version):
    """It loads with nothing else at hand, and declares a service of its own."""
    schema = load(f"release:{version}", root=ROOT)
    imported = {name for packed in schema.files for name in packed.dependency}
    assert imported <= {file.name for file in schema.files}
    assert schema.services


def test_nothing_else_lies_among_the_releases():
    """Each file is an image or its checksum."""
    kinds = ("binpb", "binpb.sha256")
    known = {f"{version}.{kind}" for version in VERSIONS for kind in kinds}
    assert {path.name for path in FOLDER.iterdir()} == known
