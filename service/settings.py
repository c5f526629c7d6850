"""Everything about the service that can be set: one row each, with its default and its reason.

A row is at once a flag of `python -m service` (`--deadline-most`) and a variable of its environment
(`SERVE_DEADLINE_MOST`); the flag wins.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from service.store.urls import KNOWN, MEMORY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ENVIRONMENT = "SERVE_"
FATES = ("open", "closed")
VERSIONS = ("v1", "v2")
LEVELS = ("debug", "info", "warning", "error")


@dataclass(eq=False)
class UnusableSettingError(Exception):
    """A setting that the service cannot start with."""

    name: str
    reason: str

    def __str__(self) -> str:
        return f"--{self.name.replace('_', '-')}: {self.reason}"


def a_port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: a number from 0 to 65535 is")
    return int(text)


def seconds(text: str) -> float:
    value = number(text)
    if not 0 <= value <= 86400:
        raise argparse.ArgumentTypeError(f"{text!r} is not between 0 and 86400 seconds")
    return value


def number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 upwards")
    return value


def share(text: str) -> float:
    value = number(text)
    if value > 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no share from 0 to 1")
    return value


def count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) >= 2**31:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 0 upwards")
    return int(text)


def level(text: str) -> str:
    if text not in LEVELS:
        raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(LEVELS)}")
    return text


def fate(text: str) -> str:
    if text not in FATES:
        raise argparse.ArgumentTypeError(f"{text!r} is neither {' nor '.join(FATES)}")
    return text


def versions(text: str) -> str:
    chosen = text.split(",")
    if not set(chosen) <= {*VERSIONS} or len(chosen) > len(set(chosen)):
        raise argparse.ArgumentTypeError(f"{text!r} is not some of {','.join(VERSIONS)}")
    return text


def switch(text: str) -> bool:
    if text.lower() not in ("0", "1", "false", "true", ""):
        raise argparse.ArgumentTypeError(f"{text!r} is neither true nor false")
    return text.lower() in ("1", "true")


def row(default: Any, says: str, read: Callable[[str], Any] = str) -> Any:
    return field(default=default, metadata={"says": says, "read": read})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How the service runs. Sizes are bytes, times are seconds; 0 switches a limit off."""

    host: str = row("127.0.0.1", "address to listen on")
    port: int = row(50051, "port to listen on; 0 takes a free one", a_port)
    db: str = row(MEMORY, f"{KNOWN}; default: in memory, lost at the end")
    api: str = row(",".join(VERSIONS), "versions of the API to serve", versions)
    grace: float = row(10.0, "what calls get to end in when the server stops", seconds)
    drain: float = row(
        0.0, "how long it still takes calls after its health says that it stops", seconds
    )
    insecure: bool = row(
        False, "yes, serve other machines without authentication or encryption", switch
    )

    auth: tuple[str, ...] = row(
        (),
        "jwt:HS256:VARIABLE (environment variable with the secret), jwt:ALGORITHM:JWKS (file or "
        "URL) or mtls[:NAME=ROLE,…]; may be repeated; default: nobody is authenticated",
    )
    auth_issuer: str = row("", "the only issuer of tokens that is believed; default: any")
    auth_audience: str = row("", "the audience that tokens must name; default: any")
    auth_cache: int = row(10_000, "verified tokens remembered until they expire, at most", count)
    tls_cert: str = row("", "certificate chain (PEM); read again when the file changes")
    tls_key: str = row("", "its private key (PEM)")
    tls_client_ca: str = row("", "authorities (PEM) one of which must have issued a client's")

    deadline: float = row(30.0, "a call with one reply that brings no deadline gets this", seconds)
    deadline_most: float = row(300.0, "what a call with one reply may ask for at most", seconds)
    stream_most: float = row(0.0, "how long a stream of replies may last", seconds)
    rate: float = row(0.0, "calls a second that a caller may make of one method", number)
    rate_burst: int = row(100, "calls that may come at once before the rate counts", count)
    rate_redis: str = row("", "redis://… or rediss://… where replicas share these rates")
    rate_without: str = row(
        "open", "while Redis is silent: open (each replica counts for itself) or closed", fate
    )
    concurrent_calls: int = row(1_000, "calls with one reply in progress at once", count)
    concurrent_streams: int = row(10_000, "streams of replies open at once", count)

    cache_size: int = row(0, "users kept in memory for GetUser, at most; 0: none", count)
    cache_lifetime: float = row(5.0, "for how long, where no event tells of a change", seconds)

    max_concurrent_streams: int = row(1_000, "calls at once on one connection", count)
    message_most: int = row(10_000_000, "size of a message, in and out", count)
    keepalive: float = row(5.0, "a silent connection is pinged after this", seconds)
    keepalive_timeout: float = row(1.0, "and closed when this passes without an answer", seconds)
    ping_least: float = row(5.0, "clients that ping more often, calls or none, are cut", seconds)
    balanced: bool = row(
        False, "behind a load balancer: connections end, so that new ones spread", switch
    )
    connection_idle: float = row(15.0, "balanced: a connection without calls ends", seconds)
    connection_age: float = row(30.0, "balanced: any connection is told to go", seconds)
    connection_grace: float = row(5.0, "balanced: and cut after this much more", seconds)
    window: int = row(0, "bytes on the way on a stream at most; 0: as gRPC measures", count)
    gzip_above: int = row(1_024, "replies larger than this are compressed", count)

    health_port: int | None = row(
        None, "serve health alone, unencrypted, for probes; 0 takes any", a_port
    )
    metrics_port: int | None = row(None, "serve Prometheus metrics over HTTP; 0 takes any", a_port)
    trace_share: float = row(0.0, "calls traced where the caller has not decided", share)
    trace_to: str = row("", "console, or the URL of an OTLP collector; default: nowhere")
    log_level: str = row("warning", f"{', '.join(LEVELS)}; info logs a line a call", level)
    debug_errors: bool = row(False, "tell clients what failed inside (DebugInfo)", switch)

    @property
    def development(self) -> bool:
        """Nobody is authenticated: callers are who they say."""
        return not self.auth


def arguments() -> argparse.ArgumentParser:
    """The flags, a row each."""
    parser = argparse.ArgumentParser(
        prog="python -m service",
        description="The UserService.",
        epilog=f"Each option is also an environment variable: --db is {ENVIRONMENT}DB.",
        argument_default=argparse.SUPPRESS,
    )
    for each in fields(Settings):
        says = each.metadata["says"].replace("%", "%%")
        if each.default not in ("", (), None, MEMORY) and each.default is not False:
            says = f"{says} ({each.default})"
        parser.add_argument(_flag(each.name), help=says, **_kind(each.default, each.metadata))
    return parser


def read(command_line: Sequence[str], environment: Mapping[str, str]) -> Settings:
    """The settings that flags and variables ask for; argparse ends the process on a wrong one."""
    parser = arguments()
    given: dict[str, Any] = {}
    for each in fields(Settings):
        name = ENVIRONMENT + each.name.upper()
        if environment.get(name):
            given[each.name] = _from_variable(parser, each, name, environment[name])
    given |= vars(parser.parse_args(command_line))
    if "auth" in given:
        given["auth"] = tuple(given["auth"])
    return Settings(**given)


def _from_variable(parser: argparse.ArgumentParser, each: Any, name: str, text: str) -> Any:
    if each.default == ():
        return tuple(text.split())
    try:
        return each.metadata["read"](text)
    except argparse.ArgumentTypeError as error:
        parser.error(f"{name}: {error}")


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def _kind(default: Any, metadata: Mapping[str, Any]) -> dict[str, Any]:
    if default is False:
        return {"action": "store_true"}
    return {"type": metadata["read"], "action": "append" if default == () else "store"}
