"""How a client behaves, and how gRPC is told so."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from api.user.v1 import user_service_pb2
from google.protobuf.descriptor_pb2 import MethodOptions

SERVICE = user_service_pb2.DESCRIPTOR.services_by_name["UserService"]
KEYED = {"CreateUser"}  # made idempotent by the key that this client never leaves out
VERSION = "1.1.0"  # of this client, in x-client-version


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The defaults suit a service in the same data centre. Times are seconds, sizes bytes."""

    token: str | Callable[[], str] = ""  # a JWT, or what gives a fresh one
    timeout: float = 5.0  # of a call with one reply
    attempts: int = 4  # of a call that may be repeated, the first one included
    backoff: float = 0.05  # before the second attempt; doubled from one to the next
    backoff_most: float = 1.0
    hedge_after: float = 0.0  # a read without an answer is sent once more after this; 0: never
    health_checking: bool = True  # addresses that say that they do not serve get no calls
    channels: int = 1  # connections to each address, used in turn
    gzip_above: int = 1_024  # requests larger than this are compressed; 0: none
    message_most: int = 10_000_000
    keepalive: float = 10.0
    keepalive_timeout: float = 3.0
    breaker_after: int = 10  # failures in a row that open the circuit; 0: never
    breaker_pause: float = 2.0  # until one call may try again
    cache_size: int = 0  # users kept by GetUser; 0: none
    cache_lifetime: float = 30.0


def idempotent(method: str) -> bool:
    """Whether doing it twice is doing it once: the schema says so, or a key sees to it."""
    level = SERVICE.methods_by_name[method].GetOptions().idempotency_level
    return method in KEYED or level != MethodOptions.IDEMPOTENCY_UNKNOWN


def safe(method: str) -> bool:
    """Whether it only reads, as the schema says: it may be under way twice at the same time."""
    level = SERVICE.methods_by_name[method].GetOptions().idempotency_level
    return bool(level == MethodOptions.NO_SIDE_EFFECTS)


def service_config(options: Options) -> dict[str, Any]:
    """The service config (gRFC A6 retries, A17 health checking): policies stand in methodConfig.

    Streams are resumed, and reads hedged, by the client itself: gRPC's core has no hedging.
    """
    config: dict[str, Any] = {
        "loadBalancingConfig": [{"round_robin": {}}],
        "methodConfig": [_method_config(method.name, options) for method in _single()],
        "retryThrottling": {"maxTokens": 100, "tokenRatio": 0.1},
    }
    if options.health_checking:
        config["healthCheckConfig"] = {"serviceName": SERVICE.full_name}
    return config


def channel_options(options: Options, number: int) -> list[tuple[str, Any]]:
    """Channel arguments; the number keeps the channels of a pool from sharing connections."""
    return [
        ("grpc.service_config", json.dumps(service_config(options))),
        ("grpc.enable_retries", 1),
        ("grpc.max_send_message_length", options.message_most),
        ("grpc.max_receive_message_length", options.message_most),
        ("grpc.keepalive_time_ms", int(options.keepalive * 1000)),
        ("grpc.keepalive_timeout_ms", int(options.keepalive_timeout * 1000)),
        ("grpc.http2.ping_timeout_ms", int(options.keepalive_timeout * 1000)),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.max_reconnect_backoff_ms", 2_000),
        ("grpc.use_local_subchannel_pool", 1),
        ("wireproof.channel", number),
    ]


def target(addresses: str | tuple[str, ...]) -> str:
    """Several addresses as one target, for round_robin; a name is left to gRPC's resolvers."""
    if isinstance(addresses, str):
        return addresses
    return f"ipv4:{','.join(addresses)}"


def _single() -> list[Any]:
    return [m for m in SERVICE.methods if not (m.client_streaming or m.server_streaming)]


def _method_config(method: str, options: Options) -> dict[str, Any]:
    config: dict[str, Any] = {"name": [{"service": SERVICE.full_name, "method": method}]}
    if options.attempts > 1 and idempotent(method):
        config["retryPolicy"] = {
            "maxAttempts": min(options.attempts, 5),  # more than five gRPC cuts to five
            "initialBackoff": f"{options.backoff}s",
            "maxBackoff": f"{options.backoff_most}s",
            "backoffMultiplier": 2,
            "retryableStatusCodes": ["UNAVAILABLE", "DEADLINE_EXCEEDED"],
        }
    return config
