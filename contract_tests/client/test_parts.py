"""The parts of the clients by themselves."""

from __future__ import annotations

from typing import Any

from contract_tests.service.support import person
from service.cache import Cache
from service.client import Options
from service.client.breaker import Breaker
from service.client.options import idempotent, service_config


def test_the_service_config_repeats_only_what_is_idempotent():
    """
    Retry policies stand in methodConfig, where gRPC reads them.
    """
    config = service_config(Options())
    repeated = {one["name"][0]["method"] for one in config["methodConfig"] if "retryPolicy" in one}
    assert repeated == {"GetUser", "ListUsers", "UpdateUser", "CreateUser"}
    assert not any("hedgingPolicy" in one for one in config["methodConfig"])
    assert config["loadBalancingConfig"] == [{"round_robin": {}}]
    assert not any(idempotent(name) for name in ("DeleteUser", "BatchCreateUsers", "SyncUsers"))


def test_an_open_circuit_lets_one_try():
    """
    Only one in each pause; its failure keeps the circuit open.
    """
    now = 0.0
    breaker = Breaker(2, 1, clock=lambda: now)
    breaker.failed()
    breaker.succeeded()
    breaker.failed()
    assert breaker.admits()
    breaker.failed()
    assert not breaker.admits()
    now = 1.0
    assert [breaker.admits() for _ in range(3)] == [True, False, False]
    breaker.failed()
    now = 1.5
    assert not breaker.admits()
    now = 2.5
    assert breaker.admits()
    breaker.succeeded()
    assert [breaker.admits() for _ in range(3)] == [True] * 3


def copied(user: Any) -> Any:
    """Another message, equal to it."""
    return type(user).FromString(user.SerializeToString())


def test_the_cache_is_small_young_and_its_own():
    """
    LRU and TTL; what its holders do to what they were given is theirs.
    """
    now = 0.0
    cache = Cache(2, 10, copied=copied, clock=lambda: now)
    users = {name: person(name, user_id=name) for name in ("a-1", "b-1", "c-1")}
    for name in ("a-1", "b-1"):
        cache.put(name, users[name], cache.stamp())
    assert cache.get("a-1") == users["a-1"]
    cache.put("c-1", users["c-1"], cache.stamp())
    assert [cache.get(name) is not None for name in users] == [True, False, True]
    mine = person("a-1", user_id="a-1")
    cache.put("a-1", mine, cache.stamp())
    mine.display_name = "changed by its holder"
    assert cache.get("a-1") == users["a-1"]
    now = 10.0
    assert cache.get("c-1") is None


def test_the_cache_keeps_nothing_that_changed_on_its_way():
    """
    Nor anything at all while nobody tells of changes; what changed of others is no matter.
    """
    cache: Cache[str] = Cache(2, 10)
    stamp = cache.stamp()
    cache.drop("a")
    cache.put("a", "old", stamp)
    cache.put("b", "as it is", stamp)
    assert (cache.get("a"), cache.get("b")) == (None, "as it is")
    cache.put("a", "new", cache.stamp())
    assert cache.get("a") == "new"
    cache.suspend()
    cache.put("a", "newer", cache.stamp())
    stamp = cache.stamp()
    cache.resume()
    cache.put("a", "from meanwhile", stamp)
    assert (cache.get("a"), cache.get("b")) == (None, None)


def test_the_cache_remembers_few_changes_and_trusts_no_older_reads():
    """
    More changes than it has room for: what was asked for before them is not kept.
    """
    cache: Cache[str] = Cache(2, 10)
    stamp = cache.stamp()
    for name in ("a", "b", "c"):
        cache.drop(name)
    cache.put("a", "old", stamp)
    assert cache.get("a") is None
    cache.put("a", "new", cache.stamp())
    assert cache.get("a") == "new"
