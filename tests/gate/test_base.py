"""What a change is held against: never itself, never a guess."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from wireproof.gate.base import NoBase, find_base, has_protos


@pytest.fixture(autouse=True)
def no_pull_request(monkeypatch):
    monkeypatch.delenv("GITHUB_BASE_REF", raising=False)


def git(repo: Path, *args: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    done = subprocess.run(
        ["git", "-C", str(repo), *identity, *args], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def commit(repo: Path, name: str) -> str:
    (repo / name).write_text(name)
    git(repo, "add", "-A")
    git(repo, "commit", "-qm", name)
    return git(repo, "rev-parse", "HEAD")


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-qb", "main")
    return tmp_path


def commit_of(repo: Path, **options: str) -> str | None:
    base = find_base(repo, **options)
    return base.commit if base else None


def test_a_branch_is_held_against_its_merge_base(repo):
    fork = commit(repo, "a")
    git(repo, "checkout", "-qb", "topic")
    commit(repo, "b")
    git(repo, "checkout", "-q", "main")
    commit(repo, "c")
    git(repo, "checkout", "-q", "topic")
    assert commit_of(repo) == fork


def test_uncommitted_work_on_main_is_held_against_its_commit(repo):
    head = commit(repo, "a")
    (repo / "b").write_text("b")
    assert commit_of(repo) == head


def test_main_itself_is_held_against_the_commit_before(repo):
    """A gate that compares a commit with itself finds nothing, ever."""
    before = commit(repo, "a")
    commit(repo, "b")
    assert commit_of(repo) == before


def test_a_first_commit_has_no_base(repo):
    commit(repo, "a")
    assert find_base(repo) is None


def test_the_pull_requests_target_is_the_branch(repo, monkeypatch):
    old = commit(repo, "a")
    git(repo, "branch", "release")
    commit(repo, "b")
    monkeypatch.setenv("GITHUB_BASE_REF", "release")
    assert commit_of(repo) == old


def test_a_clone_knows_its_remotes_default_branch(repo, tmp_path_factory):
    git(repo, "branch", "-m", "trunk")
    fork = commit(repo, "a")
    clone = tmp_path_factory.mktemp("clone")
    git(clone, "clone", "-q", str(repo), ".")
    git(clone, "checkout", "-qb", "topic")
    commit(clone, "b")
    assert commit_of(clone) == fork


def test_a_shallow_clone_says_how_to_deepen_it(repo, tmp_path_factory):
    commit(repo, "a")
    commit(repo, "b")
    clone = tmp_path_factory.mktemp("clone")
    git(clone, "clone", "-q", "--depth", "1", f"file://{repo}", ".")
    with pytest.raises(NoBase, match=r"shallow .*git fetch --unshallow"):
        find_base(clone)


def test_outside_git_there_is_no_base(tmp_path):
    with pytest.raises(NoBase, match="is no git repository; name one with --against"):
        find_base(tmp_path)


def test_without_a_commit_there_is_no_base(repo):
    with pytest.raises(NoBase, match="no commit yet"):
        find_base(repo)


def test_a_missing_branch_is_named(repo):
    commit(repo, "a")
    with pytest.raises(NoBase, match="there is no develop; fetch it"):
        find_base(repo, branch="develop")


def test_unrelated_histories_have_no_base(repo):
    commit(repo, "a")
    git(repo, "checkout", "-q", "--orphan", "other")
    commit(repo, "b")
    with pytest.raises(NoBase, match="share no history"):
        find_base(repo, branch="main")


def test_a_commit_holds_protos_at_a_path_or_not(repo):
    (repo / "schemas").mkdir()
    (repo / "schemas" / "a b.proto").write_text('syntax = "proto3";')
    head = commit(repo, "a")
    found = [has_protos(repo, head, path) for path in ("schemas", ".", "a", "b")]
    assert found == [True, True, False, False]
