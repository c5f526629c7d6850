"""Folders and git repositories of protos, written for one test."""

from __future__ import annotations

import subprocess
from pathlib import Path

ORDER = """syntax = "proto3";
package shop.v1;
import "google/api/annotations.proto";
import "shop/v1/money.proto";
message Order {
  string id = 1;
  Money total = 2;
}
"""
MONEY = """syntax = "proto3";
package shop.v1;
message Money {
  int64 units = 1;
}
"""


def write(folder: Path, **files: str) -> Path:
    """Write *files* below *folder*; `__` in a name stands for `/`, the last `_` for `.`."""
    for name, text in files.items():
        path = folder / _name(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def _name(key: str) -> str:
    stem, _, suffix = key.replace("__", "/").rpartition("_")
    return f"{stem}.{suffix}"


def shop(folder: Path, root: str = "") -> Path:
    """A folder of two files that import each other and google/api."""
    for name, text in (("order", ORDER), ("money", MONEY)):
        path = folder / root / "shop/v1" / f"{name}.proto"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def git(folder: Path, *args: str) -> str:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.com")
    done = subprocess.run(
        ["git", "-C", str(folder), *identity, *args], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def committed(folder: Path) -> Path:
    """Make *folder* a repository with everything in it committed on `main`."""
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "first")
    return folder
