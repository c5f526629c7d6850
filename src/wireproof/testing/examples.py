"""Where the failures of earlier runs are kept: Hypothesis's databases, local and shared."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wireproof.errors import WireproofError

if TYPE_CHECKING:
    from hypothesis.database import ExampleDatabase

FOLDER = ".wireproof/examples"


class UnusableExamples(WireproofError):
    """A shared database that cannot be used."""


@dataclass(frozen=True, slots=True)
class Examples:
    """What `wireproof.yaml` says of them (`examples:`)."""

    folder: str = FOLDER
    """The local ones; empty for none."""
    github: str = ""
    """`OWNER/REPOSITORY` whose workflow artifact `hypothesis-example-db` is read, never written."""
    redis: str = ""
    """`redis://HOST:PORT/DB`, read and written by everybody (extra `redis`)."""


def database(said: Examples, root: Path) -> ExampleDatabase | None:
    """The database that *said* describes, folders from *root*; None where there is none.

    Failures are written to the folder and to Redis, and read from all of them. Raises
    UnusableExamples.
    """
    from hypothesis.database import (
        DirectoryBasedExampleDatabase,
        GitHubArtifactDatabase,
        MultiplexedDatabase,
        ReadOnlyDatabase,
    )

    found: list[ExampleDatabase] = []
    if said.folder:
        found.append(DirectoryBasedExampleDatabase(root / said.folder))
    if said.redis:
        found.append(_redis(said.redis))
    if said.github:
        owner, slash, repository = said.github.partition("/")
        if not (owner and slash and repository):
            raise UnusableExamples(f"examples.github {said.github!r} must be OWNER/REPOSITORY")
        found.append(ReadOnlyDatabase(GitHubArtifactDatabase(owner, repository)))
    if len(found) < 2:
        return found[0] if found else None
    return MultiplexedDatabase(*found)


def _redis(url: str) -> ExampleDatabase:
    try:
        from redis import Redis, RedisError  # an extra; see pyproject
    except ImportError:
        reason = "Redis's client is not installed: pip install 'wireproof[redis]'"
        raise UnusableExamples(f"cannot use examples.redis: {reason}") from None
    from hypothesis.extra.redis import RedisExampleDatabase

    try:
        client = Redis.from_url(url, socket_connect_timeout=5)
        client.ping()
    except (RedisError, ValueError) as error:
        raise UnusableExamples(f"cannot use examples.redis {url}: {error}") from None
    return RedisExampleDatabase(client, key_prefix=b"wireproof-example:")
