"""Certificates for mutual TLS between Envoy and the replicas, renewed while both run.

For development: the authority lives as long as this object. Elsewhere the same files come from
whoever issues certificates there.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import trustme

from service.edge.envoy import REPLICA

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret"  # noqa: S105 (a type)


@dataclass
class Certificates:
    """Files in a folder that only this user may enter."""

    folder: Path
    _authority: trustme.CA = field(default_factory=trustme.CA)

    @property
    def flags(self) -> list[str]:
        """How a replica is told of its files."""
        chosen = {"cert": "replica.pem", "key": "replica.key", "client-ca": "authority.pem"}
        return [part for name, file in chosen.items()
                for part in (f"--tls-{name}", str(self.folder / file))]  # fmt: skip

    def issue(self) -> None:
        """Write new certificates for the replicas and for Envoy, which both take them up."""
        replica = self._authority.issue_cert(REPLICA)
        edge = self._authority.issue_cert("edge.internal", common_name="edge")
        self._write("authority.pem", self._authority.cert_pem.bytes())
        self._write("replica.key", replica.private_key_pem.bytes())
        self._write("replica.pem", _chain(replica))
        key = edge.private_key_pem.bytes()
        self._secret("certificate", "tls_certificate", {
            "certificate_chain": _inline(_chain(edge)), "private_key": _inline(key),
        })  # fmt: skip
        trusted = {"trusted_ca": _inline(self._authority.cert_pem.bytes())}
        self._secret("authority", "validation_context", trusted)

    def _secret(self, name: str, kind: str, content: dict[str, Any]) -> None:
        resource = {"@type": SECRET, "name": name, kind: content}
        self._write(f"{name}.json", json.dumps({"resources": [resource]}).encode())

    def _write(self, name: str, content: bytes) -> None:
        """Put the file in its place at once: Envoy looks when a file is moved."""
        new = self.folder / f".{name}.new"
        new.touch(mode=0o600)
        new.write_bytes(content)
        new.replace(self.folder / name)


def _chain(certificate: trustme.LeafCert) -> bytes:
    return b"".join(part.bytes() for part in certificate.cert_chain_pems)


def _inline(pem: bytes) -> dict[str, str]:
    return {"inline_string": pem.decode()}
