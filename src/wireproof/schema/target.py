"""A server as a user names it: its address, its security, the metadata that every call carries."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

import grpc

from wireproof.errors import UnreachableTarget

Metadata = tuple[tuple[str, str | bytes], ...]

_OPTIONS: tuple[tuple[str, int], ...] = (
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    ("grpc.max_metadata_size", 1 << 20),
    ("grpc.enable_retries", 0),  # a retry would hide the first answer
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a server listens and how to speak with it."""

    address: str
    """`host:port`, `[ipv6]:port` or `unix:path`."""
    tls: bool = False
    ca: bytes | None = None
    """PEM of the authorities to trust; the system's where absent."""
    certificate: bytes | None = None
    """PEM of the client's certificate chain, for mutual TLS."""
    key: bytes | None = None
    """PEM of the client's key, for mutual TLS."""
    authority: str | None = None
    """The name to expect in the server's certificate, where it is not the host's."""
    metadata: Metadata = ()
    """What every call carries."""
    connect_timeout: float = 10.0
    """Seconds to wait for the connection: a server under load takes its time."""

    @property
    def host(self) -> str:
        return self.address.rsplit(":", 1)[0].strip("[]")

    @property
    def is_loopback(self) -> bool:
        """Whether nobody but this machine is behind the address."""
        if self.address.startswith("unix:") or self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def target_of(text: str, *, tls: bool = False, metadata: Metadata = ()) -> Target:
    """The target that a user wrote: `host:port`, `grpc://host:port` or `grpcs://host:port`.

    Raises UnreachableTarget where no port can be read from it.
    """
    scheme, mark, rest = text.partition("://")
    address = rest.rstrip("/") if mark else text
    if mark and scheme not in ("grpc", "grpcs"):
        raise UnreachableTarget(text, f"{scheme}:// is no gRPC address; give HOST:PORT")
    if not address.startswith("unix:"):
        host, _, port = address.rpartition(":")
        if not host or not port.isdigit() or not 0 < int(port) < 65536:
            raise UnreachableTarget(text, "it has no port; give HOST:PORT")
    return Target(address, tls=tls or scheme == "grpcs", metadata=metadata)


def options(target: Target) -> list[tuple[str, int | str]]:
    """The channel arguments that fit *target*."""
    chosen: list[tuple[str, int | str]] = list(_OPTIONS)
    if target.is_loopback:
        chosen.append(("grpc.enable_http_proxy", 0))
    if target.authority:
        chosen.append(("grpc.default_authority", target.authority))
        chosen.append(("grpc.ssl_target_name_override", target.authority))
    return chosen


def credentials(target: Target) -> grpc.ChannelCredentials | None:
    """What a secure channel to *target* needs; None where the channel is plain."""
    if not target.tls:
        return None
    return grpc.ssl_channel_credentials(target.ca, target.key, target.certificate)


_REASONS: tuple[tuple[str, str], ...] = (
    ("refused", "nothing listens there; start the server or correct the address"),
    ("before receiving settings", "it accepts connections and says nothing; is it a gRPC server?"),
    ("http1", "it speaks HTTP/1, not gRPC"),
    ("wrong_version_number", "it does not speak TLS; leave --tls out"),
    ("certificate_verify_failed", "its certificate is not trusted; give its authority with --ca"),
    ("hostname verification", "its certificate names another host; give it with --authority"),
    ("peer name", "its certificate names another host; give it with --authority"),
    ("domain name not found", "no such host"),
    ("dns resolution failed", "no such host"),
    ("cancelling all calls", "it ended while it was asked"),  # gRPC core's words of a shutdown
    ("no route to host", "no route to the host"),
)


def explained(details: str, *, tls: bool) -> str:
    """What a user can do about a failed connection, from the details that gRPC core gives."""
    lowered = details.lower()
    for mark, words in _REASONS:
        if mark in lowered:
            return words
    if "ssl" in lowered or "handshake" in lowered:
        return f"the TLS handshake failed ({_short(details)})"
    if any(mark in lowered for mark in ("socket closed", "reset", "eof", "settings")):
        if tls:
            return "it closes the connection; it may want to know its clients (--cert and --key)"
        return "it closes the connection; it wants TLS (--tls) or is no gRPC server"
    return _short(details)


def _short(details: str) -> str:
    """The last error of gRPC core's chain of them."""
    return details.rsplit("last error: ", 1)[-1].strip()[:200] or "no reason given"
