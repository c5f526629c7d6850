"""The parts of the clients by themselves."""

from __future__ import annotations

from contract_tests.service.support import person
from service.client import Options
from service.client.breaker import Breaker
from service.client.cache import Cache
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


def test_the_cache_is_small_young_and_never_behind():
    """
    LRU and TTL; what changed on its way is not kept; nothing is while nobody tells of changes.
    """
    now = 0.0
    cache = Cache(2, 10, clock=lambda: now)
    users = {name: person(name, user_id=name) for name in ("a-1", "b-1", "c-1")}
    for name in ("a-1", "b-1"):
        cache.put(users[name], cache.stamp())
    assert cache.get("a-1") == users["a-1"]
    cache.put(users["c-1"], cache.stamp())
    assert [cache.get(name) is not None for name in users] == [True, False, True]
    stamp = cache.stamp()
    cache.drop("a-1")
    cache.put(users["a-1"], stamp)
    assert cache.get("a-1") is None
    now = 10.0
    assert cache.get("c-1") is None
    cache.suspend()
    cache.put(users["a-1"], cache.stamp())
    assert cache.get("a-1") is None
    mine = person("a-1", user_id="a-1")
    cache.resume()
    cache.put(mine, cache.stamp())
    mine.display_name = "changed by its holder"
    assert cache.get("a-1") == users["a-1"]
