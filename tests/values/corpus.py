"""Schemas written by hand, with every kind of rule that buf.validate knows."""

from __future__ import annotations

import tempfile
from functools import cache
from importlib import resources
from pathlib import Path

from grpc_tools import protoc

from wireproof.schema.schema import Schema
from wireproof.schema.source import load

PROTOS = Path(__file__).parent / "protos"
THIRD_PARTY = Path(__file__).parents[2] / "third_party" / "proto"


@cache
def compiled(*names: str, folder: Path = PROTOS) -> Schema:
    """The schema of these files of the corpus, or of another *folder*."""
    known = resources.files("grpc_tools").joinpath("_proto")
    with tempfile.TemporaryDirectory() as build:
        image = Path(build) / "image.binpb"
        includes = [f"-I{path}" for path in (folder, THIRD_PARTY, known)]
        failed = protoc.main(
            ["", *includes, "--include_imports", f"--descriptor_set_out={image}", *names]
        )
        assert not failed, names
        return load(str(image))


def corpus() -> Schema:
    """All of them in one."""
    return compiled(*sorted(path.name for path in PROTOS.glob("*.proto")))


def messages(schema: Schema) -> list[str]:
    """The full name of every message that the corpus declares, nested ones left out."""
    return [
        f"{file.package}.{message.name}"
        for file in schema.files
        if file.package.startswith("corpus.")
        for message in file.message_type
    ]
