"""What a change is held against: the merge base, found in git."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from wireproof.errors import WireproofError


@dataclass(eq=False)
class NoBase(WireproofError):
    """Nothing to hold the change against; a gate must not compare a thing with itself."""

    reason: str

    def __str__(self) -> str:
        return f"no base to compare with: {self.reason}"


@dataclass(frozen=True, slots=True)
class Base:
    """A commit whose schemas are the promise."""

    commit: str
    words: str
    """How it was chosen, for the report."""


def find_base(root: Path, *, branch: str | None = None) -> Base | None:
    """The commit that the work tree at *root* is held against; None in a first commit.

    The merge base with *branch* (default: the pull request's target, else the remote's default
    branch, else main or master). On that branch itself, with nothing changed since, it is the
    commit before: a gate never compares a commit with itself.

    Raises NoBase outside git, in a shallow clone, or where the branch is not there.
    """
    if _git(root, "rev-parse", "--git-dir") is None:
        raise NoBase(f"{root} is no git repository; name one with --against")
    if _git(root, "rev-parse", "--is-shallow-repository") == "true":
        raise NoBase(
            "the clone is shallow and may lack the merge base; fetch the whole history "
            "(git fetch --unshallow, or fetch-depth: 0 in actions/checkout)"
        )
    head = _git(root, "rev-parse", "--verify", "HEAD")
    if head is None:
        raise NoBase("the repository has no commit yet; name one with --against")
    ref = _target(root, branch)
    commit = _git(root, "merge-base", "HEAD", ref)
    if commit is None:
        raise NoBase(f"HEAD and {ref} share no history; name a base with --against")
    if commit != head or _git(root, "status", "--porcelain"):
        return Base(commit, f"merge base with {ref}")
    before = _git(root, "rev-parse", "--verify", "--quiet", "HEAD^")
    return Base(before, f"the commit before, as HEAD is on {ref}") if before else None


def _target(root: Path, branch: str | None) -> str:
    for ref in _candidates(root, branch):
        if _git(root, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}"):
            return ref
    wanted = branch or "origin/HEAD, origin/main, origin/master, main or master"
    raise NoBase(f"there is no {wanted}; fetch it, or name a base with --against")


def _candidates(root: Path, branch: str | None) -> Iterator[str]:
    target = branch or os.environ.get("GITHUB_BASE_REF")
    if target:
        yield from (f"origin/{target}", target)
        return
    remote = _git(root, "symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD")
    yield from (remote or "origin/HEAD", "origin/main", "origin/master", "main", "master")


def has_protos(root: Path, commit: str, path: str) -> bool:
    """Whether *commit* holds a .proto file at *path* (relative to *root*) or below."""
    names = _git(root, "ls-tree", "-r", "-z", "--name-only", commit, "--", path) or ""
    return any(name.endswith(".proto") for name in names.split("\0"))


def _git(root: Path, *args: str) -> str | None:
    """What git prints, or None where it refuses."""
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *args], capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        raise NoBase("git is not installed; install it, or name a base with --against") from error
    return done.stdout.strip() if done.returncode == 0 else None
