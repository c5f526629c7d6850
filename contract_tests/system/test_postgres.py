"""What PostgreSQL adds to a store: replicas, restarts, connections that break."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
from api.user.v1.user_event_pb2 import StreamUserEventsRequest

from contract_tests.postgres import cluster
from contract_tests.service.support import Refused, refused, serving, told
from contract_tests.service.test_process import process
from contract_tests.system.support import Fate, wire_to
from service import errors
from service.model import Event, Kind, Status, User
from service.store import postgres_schema
from service.store.postgres import PostgresStore
from service.store.postgres_batch import Batch, Touches
from service.users import Users

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from contract_tests.postgres import Cluster

pytestmark = pytest.mark.system

UNAVAILABLE = Refused("UNAVAILABLE", "STORE_UNAVAILABLE")
WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


@pytest.fixture
def database(postgres: Cluster) -> str:
    """The URL of an empty database."""
    return postgres.new_database()


@pytest.fixture
def mortal() -> Iterator[Cluster]:
    """A server of the test's own, to be stopped and started."""
    with cluster() as running:
        yield running


@asynccontextmanager
async def replicas(url: str, number: int) -> AsyncIterator[list[PostgresStore]]:
    """Stores as that many processes have them, opened at the same moment."""
    opened = await asyncio.gather(*(PostgresStore.at(url) for _ in range(number)))
    try:
        yield [*opened]
    finally:
        await asyncio.gather(*(store.close() for store in opened))


@asynccontextmanager
async def session(url: str) -> AsyncIterator[Any]:
    """A connection of somebody else's."""
    db = await asyncpg.connect(url)
    try:
        yield db
    finally:
        await db.close()


def someone(name: str, **changes: Any) -> User:
    """A user of that name and id."""
    return User(
        **{"user_id": name, "email": f"{name}@example.org", "display_name": name, **changes}
    )


def creation(user: User) -> Event:
    """The event of its creation."""
    return Event(Kind.CREATED, user, 1)


async def read_all(store: PostgresStore, number: int, at_once: int) -> list[tuple[int, str]]:
    """That many events as a reader gets them who resumes after every page."""
    seen: list[Event] = []
    after = 0
    while len(seen) < number:
        found, after = await store.events(after, at_once, ())
        seen += found
        if not found:
            await store.wait_beyond(after)
    return [(event.position, event.user.user_id) for event in seen]


async def test_readers_miss_nothing_that_replicas_commit_at_the_same_time(database: str) -> None:
    """
    Positions come without a gap, and the order is the same for whoever reads wherever.
    """
    async with replicas(database, 3) as stores:
        reading = [asyncio.create_task(read_all(s, 300, 1 + 3 * n)) for n, s in enumerate(stores)]
        everyone = [
            Users(store).create(someone(f"u-{n}-{k}"), caller="")
            for n, store in enumerate(stores)
            for k in range(100)
        ]
        await asyncio.gather(*everyone)
        first, *others = [await asyncio.wait_for(task, 60) for task in reading]

    assert [position for position, _ in first] == [*range(1, 301)]
    assert {name for _, name in first} == {f"u-{n}-{k}" for n in range(3) for k in range(100)}
    assert others == [first, first]


async def test_a_later_change_cannot_be_seen_before_an_earlier_one(database: str) -> None:
    """
    While one replica has not committed, another waits: no position is passed over and filled later.
    """
    async with replicas(database, 1) as (store,), session(database) as db:
        batch = await Batch.begin(db, [Touches("first")])
        await batch.find("first")
        batch.put(creation(someone("first")))
        await batch.write()
        second = asyncio.create_task(store.insert(creation(someone("second")), None))
        async with session(database) as watching:
            while await watching.fetchval(WAITING) == 0:
                assert not second.done()
        assert await store.events(0, 10, ()) == ([], 0)
        await db.execute("COMMIT")
        await second

        found, last = await store.events(0, 10, ())
    assert [(e.position, e.user.user_id) for e in found] == [(1, "first"), (2, "second")]
    assert last == 2


async def test_a_reader_hears_of_what_another_replica_commits(database: str) -> None:
    """
    At once, although nothing happens in its own process.
    """
    async with serving(database) as here, serving(database) as there:
        call = here.users.StreamUserEvents(StreamUserEventsRequest(), timeout=60)
        await call.initial_metadata()
        await there.create(user_id="u-1")

        assert told([await call.read()]) == [("user_created", "u-1")]


async def test_a_place_in_the_stream_means_the_same_to_all_replicas(database: str) -> None:
    """
    A reader goes on at another replica where it stopped at the first.
    """
    async with serving(database) as here, serving(database) as there:
        for n in range(4):
            await here.create(f"p{n}", user_id=f"u-{n}")
        seen = await here.events(2)
        seen += await there.events(2, resume_token=seen[-1].resume_token)
    assert told(seen) == [("user_created", f"u-{n}") for n in range(4)]


async def test_replicas_that_start_together_share_one_set_of_tables(database: str) -> None:
    """
    One makes them, the others find them.
    """
    async with replicas(database, 5) as stores:
        assert len({store.secret for store in stores}) == 1


async def test_tables_are_brought_up_to_date_in_order(database: str) -> None:
    """
    Each migration is applied once; a service that knows fewer than there are leaves them alone.
    """
    first = await postgres_schema.prepare(database)
    more = (*postgres_schema.MIGRATIONS, "CREATE TABLE more ()", "DROP TABLE more")
    for _ in range(2):
        assert await postgres_schema.prepare(database, more) == first

    async with process("--port", "0", "--db", database) as started:
        _, error = await started.communicate()
    assert started.returncode == 2
    known = len(postgres_schema.MIGRATIONS)
    assert f"has tables of version {known + 2}, this service knows {known}".encode() in error


async def test_an_outage_is_unavailable_and_passes(mortal: Cluster) -> None:
    """
    Calls say so meanwhile; afterwards everything goes on, for those too who were waiting.
    """
    async with serving(mortal.new_database()) as client:
        waiting = client.users.StreamUserEvents(StreamUserEventsRequest(), timeout=60)
        await waiting.initial_metadata()
        await client.create("ada", user_id="u-1")
        await waiting.read()
        await client.get("u-1")  # by now the stream has nothing to read and waits
        await asyncio.to_thread(mortal.stop, "immediate")
        assert await refused(client.get("u-1")) == UNAVAILABLE
        assert await refused(client.create("bob", user_id="u-2")) == UNAVAILABLE
        # The newest events are read once for all who follow, and need no database again.
        assert told(await client.events(1)) == [("user_created", "u-1")]

        await asyncio.to_thread(mortal.start)
        assert (await client.get("u-1")).display_name == "ada"
        await client.create("bob", user_id="u-2")
        assert told([await waiting.read()]) == [("user_created", "u-2")]


async def test_connections_that_died_unnoticed_cost_nobody_a_call(mortal: Cluster) -> None:
    """
    The server was restarted between two calls: neither sees it.
    """
    async with serving(mortal.new_database()) as client:
        await client.create("ada", user_id="u-1")
        await asyncio.to_thread(mortal.stop)
        await asyncio.to_thread(mortal.start)

        assert (await client.create("bob", user_id="u-2")).user_id == "u-2"
        assert (await client.get("u-1")).user_id == "u-1"


@pytest.mark.parametrize(
    ("fate", "outcome"),
    [("lost on the way there", UNAVAILABLE), ("lost on the way back", None)],
)
async def test_a_broken_commit_is_found_out_about(
    database: str, fate: Fate, outcome: Refused | None
) -> None:
    """
    Whoever is told that nothing was changed can rely on it, and what was changed is acknowledged.
    """
    async with wire_to(database) as (wire, url), serving(url) as client:
        await client.create("ada", user_id="u-1")
        wire.fate = fate
        call = client.create("bob", user_id="u-2")
        if outcome is None:
            assert (await call).user_id == "u-2"
        else:
            assert await refused(call) == outcome
            assert (await refused(client.get("u-2"))).code == "NOT_FOUND"
            await client.create("bob", user_id="u-2")
        assert wire.lost == 1
        assert told(await client.events(2)) == [("user_created", "u-1"), ("user_created", "u-2")]


async def test_a_locked_database_is_unavailable_for_writers(database: str) -> None:
    """
    After a while, and readers read on.
    """
    async with serving(database) as client, session(database) as db:
        await client.create("ada", user_id="u-1")
        await db.execute(f"SELECT pg_advisory_lock({postgres_schema.LOCK})")

        assert await refused(client.create("bob", user_id="u-2")) == UNAVAILABLE
        assert (await client.get("u-1")).display_name == "ada"
        await db.execute("SELECT pg_advisory_unlock_all()")
        assert (await client.create("bob", user_id="u-2")).user_id == "u-2"


async def test_a_full_disk_says_so_and_keeps_what_there_is(database: str) -> None:
    """
    PostgreSQL's disk_full is STORE_FULL.
    """
    async with serving(database) as client, session(database) as db:
        await client.create("ada", user_id="u-1")
        await db.execute(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE 'No space left on device' USING ERRCODE = 'disk_full'; END $$;"
            " CREATE TRIGGER full_disk BEFORE INSERT ON events EXECUTE FUNCTION full_disk()"
        )

        call = client.create("bob", user_id="u-2")
        assert await refused(call) == Refused("RESOURCE_EXHAUSTED", "STORE_FULL")
        assert (await refused(client.get("u-2"))).code == "NOT_FOUND"
        assert (await client.get("u-1")).display_name == "ada"


async def test_an_address_may_pass_on_within_one_transaction(database: str) -> None:
    """
    What is asked for at the same moment is one transaction, in which order counts all the same.
    """

    def becomes(**changes: Any) -> Any:
        def decide(found: User | None) -> Event:
            assert found is not None
            user = someone(found.user_id, **{"email": found.email, **changes})
            return Event(Kind.UPDATED, user, 1)

        return decide

    async with replicas(database, 1) as (store,):
        for name in ("u-1", "u-2"):
            await store.insert(creation(someone(name)), None)
        outcomes = await asyncio.gather(
            store.change("u-1", becomes(display_name="x")),
            store.change("u-2", becomes(email="w@example.org")),
            store.change("u-1", becomes(email="U-2@example.org")),
            store.insert(creation(someone("u-3", email="u-2@Example.org")), None),
            store.change("u-1", becomes(status=Status.DELETED)),
            store.insert(creation(someone("u-4", email="u-2@example.org")), None),
            return_exceptions=True,
        )
        failed = [o for o in outcomes if isinstance(o, errors.Refusal)]
        owner = await store.user("u-4")
    assert [(e.reason, outcomes.index(e)) for e in failed] == [("EMAIL_TAKEN", 3)]
    assert owner is not None
    assert owner.email == "u-2@example.org"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://me:s3cret@127.0.0.1:1/users", "postgresql://me@127.0.0.1:1/users cannot"),
        ("postgresql://me:s3cret@[::1/users", "postgresql://… cannot be used as a database"),
        ("postgresql://127.0.0.1:none/users", "cannot be used as a database"),
    ],
)
async def test_what_cannot_be_opened_is_said_in_one_sentence(url: str, said: str) -> None:
    """
    On stderr, with exit code 2, no traceback and no password.
    """
    async with process("--port", "0", "--db", url) as started:
        out, error = await started.communicate()
    assert (started.returncode, out) == (2, b"")
    assert said in error.decode().splitlines()[-1]
    assert b"Traceback" not in error
    assert b"s3cret" not in error
