"""Changes of files, and of the options of any element."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wireproof.changes.change import Added, Altered, Bump, Removed, Stated
from wireproof.schema.elements import File, Rpc


class FileAdded(Added[File]):
    __slots__ = ()


class FileRemoved(Removed[File]):
    __slots__ = ()


class PackageChanged(Altered[File]):
    __slots__ = ()
    what = "package"
    told = "package"


class SyntaxChanged(Stated[Any]):
    """Harmless in itself: what it changes for an element is a change of that element."""

    __slots__ = ()
    what = "syntax"


class ImportChanged(Stated[Any]):
    __slots__ = ()
    usual = Bump.NONE
    what = "imports"


class PublicImportRemoved(Stated[Any]):
    __slots__ = ()
    what = "public imports"


@dataclass(frozen=True, slots=True)
class OptionChanged(Stated[Any]):
    """An option of protobuf itself (`deprecated`, `go_package`)."""

    name: str

    @property
    def bump(self) -> Bump:
        """Semantic Versioning, 7: what is deprecated from now on makes a minor version."""
        deprecated = self.name == "deprecated" and self.found == "true"
        return Bump.MINOR if deprecated else self.usual

    @property
    def words(self) -> str:
        return f"option {self.name} changed from {self.promised} to {self.found}"


@dataclass(frozen=True, slots=True)
class LanguageFeatureChanged(Stated[Any]):
    """A feature that a language defines (`pb.cpp.string_type`), as it is resolved."""

    name: str

    @property
    def words(self) -> str:
        return f"feature {self.name} changed from {self.promised} to {self.found}"


@dataclass(frozen=True, slots=True)
class CustomOptionChanged(OptionChanged):
    """An option that some extension defines, undecoded; *number* is the extension's."""

    number: int


class ValidationChanged(Stated[Any]):
    """What `buf.validate` (or PGV's `validate.rules`) says of a field, oneof or message."""

    __slots__ = ()
    what = "validation"


@dataclass(frozen=True, slots=True)
class HttpChanged(Altered[Rpc]):
    """What `google.api.http` says of a method, as request lines."""

    was: tuple[Any, ...]
    now: tuple[Any, ...]
    what = "HTTP mapping"

    @property
    def bump(self) -> Bump:
        """A further route is something new."""
        sides = self.was, self.now  # `{name}` is `{name=*}`
        was, now = ({str(one).replace("=*}", "}") for one in side} for side in sides)
        return self.usual if now <= was else Bump.MINOR

    @property
    def before(self) -> str:
        return "; ".join(str(binding) for binding in self.was) or "none"

    @property
    def after(self) -> str:
        return "; ".join(str(binding) for binding in self.now) or "none"
