"""The connection: HTTP/2 tuning, ports, TLS."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import grpc

from service.settings import UnusableSettingError

if TYPE_CHECKING:
    from service.settings import Settings


ALWAYS = [
    ("grpc.so_reuseport", 0),  # else a second server on the port would start, silently
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),  # else pings end after two without messages
]


def options(settings: Settings) -> list[tuple[str, int]]:
    """What gRPC calls channel arguments, by the settings that they come from."""
    asked: list[tuple[str, int]] = [
        ("grpc.max_concurrent_streams", settings.max_concurrent_streams),
        ("grpc.max_receive_message_length", settings.message_most or -1),
        ("grpc.max_send_message_length", settings.message_most or -1),
        ("grpc.keepalive_time_ms", _ms(settings.keepalive)),
        ("grpc.keepalive_timeout_ms", _ms(settings.keepalive_timeout)),
        ("grpc.http2.ping_timeout_ms", _ms(settings.keepalive_timeout)),  # a minute otherwise
        ("grpc.http2.min_recv_ping_interval_without_data_ms", _ms(settings.ping_least)),
    ]
    fixed: list[tuple[str, int]] = []
    if settings.balanced:
        asked += [
            ("grpc.max_connection_idle_ms", _ms(settings.connection_idle)),
            ("grpc.max_connection_age_ms", _ms(settings.connection_age)),
            ("grpc.max_connection_age_grace_ms", _ms(settings.connection_grace)),
        ]
    if settings.window:
        fixed = [("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", settings.window)]
    return [*ALWAYS, *fixed, *((name, value) for name, value in asked if value)]


def bind(server: grpc.aio.Server, address: str, settings: Settings) -> int:
    """Listen, encrypted where there is a certificate; the port. Raises RuntimeError if in use."""
    if not settings.tls_cert:
        if settings.tls_key or settings.tls_client_ca:
            raise UnusableSettingError("tls_cert", "is wanted with --tls-key and --tls-client-ca")
        return server.add_insecure_port(address)
    return server.add_secure_port(address, _credentials(settings))


def require_safe(settings: Settings) -> None:
    """Refuse to serve other machines openly, unless told so; raises UnusableSettingError."""
    if settings.insecure or loopback(settings.host):
        return
    missing = [
        flag
        for flag, given in (("--auth", settings.auth), ("--tls-cert", settings.tls_cert))
        if not given
    ]
    if missing:
        why = f"other machines reach it: give {' and '.join(missing)}, or --insecure if meant so"
        raise UnusableSettingError("host", why)


def loopback(host: str) -> bool:
    """Whether no other machine reaches this address; one that is no address cannot be reached."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError:
        return True
    return all(str(where[0]).startswith("127.") or where[0] == "::1" for *_, where in found)


def _ms(seconds: float) -> int:
    return int(seconds * 1000)


@dataclass(slots=True)
class _Files:
    """The files of TLS, read again when one has changed.

    A change that cannot be read yet, half of it written perhaps, is looked at again with the next
    connection; the former certificate serves until then.
    """

    settings: Settings
    _seen: tuple[float, ...] = field(default=())

    def changed(self) -> grpc.ServerCertificateConfiguration | None:
        try:
            stamps = tuple(Path(path).stat().st_mtime_ns for path in self._paths())
            if stamps == self._seen:
                return None
            found = self.read()
        except OSError:
            return None
        self._seen = stamps
        return found

    def read(self) -> grpc.ServerCertificateConfiguration:
        settings = self.settings
        key, chain = Path(settings.tls_key).read_bytes(), Path(settings.tls_cert).read_bytes()
        authorities = settings.tls_client_ca and Path(settings.tls_client_ca).read_bytes()
        return grpc.ssl_server_certificate_configuration([(key, chain)], authorities or None)

    def _paths(self) -> list[str]:
        settings = self.settings
        return [p for p in (settings.tls_cert, settings.tls_key, settings.tls_client_ca) if p]


def _credentials(settings: Settings) -> grpc.ServerCredentials:
    files = _Files(settings)
    try:
        first = files.read()
    except (OSError, ValueError) as error:
        raise UnusableSettingError("tls_cert", str(error)) from error
    return grpc.dynamic_ssl_server_credentials(
        first,
        files.changed,  # type: ignore[arg-type] # None: unchanged, as grpc documents
        require_client_authentication=bool(settings.tls_client_ca),
    )
