"""OpenAPI 3.1 of the HTTP interface that a schema's `google.api.http` annotations declare."""

from wireproof.openapi.document import Document, openapi

__all__ = ["Document", "openapi"]
