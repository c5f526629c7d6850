"""Changes of files, and of the options of any element."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from wireproof.changes.change import Added, Altered, Bump, Removed, Stated
from wireproof.schema.elements import File, Rpc


@dataclass(frozen=True, slots=True)
class FileAdded(Added):
    new: File


@dataclass(frozen=True, slots=True)
class FileRemoved(Removed):
    old: File


@dataclass(frozen=True, slots=True)
class PackageChanged(Altered):
    old: File
    new: File
    what: ClassVar[str] = "package"

    @property
    def before(self) -> str:
        return self.old.package or "none"

    @property
    def after(self) -> str:
        return self.new.package or "none"


@dataclass(frozen=True, slots=True)
class SyntaxChanged(Stated):
    """Harmless in itself: what it changes for an element is a change of that element."""

    what: ClassVar[str] = "syntax"


@dataclass(frozen=True, slots=True)
class ImportChanged(Stated):
    bump: ClassVar[Bump] = Bump.NONE
    what: ClassVar[str] = "imports"


@dataclass(frozen=True, slots=True)
class PublicImportRemoved(Stated):
    what: ClassVar[str] = "public imports"


@dataclass(frozen=True, slots=True)
class OptionChanged(Stated):
    """An option of protobuf itself (`deprecated`, `go_package`)."""

    name: str

    @property
    def words(self) -> str:
        return f"option {self.name} changed from {self.promised} to {self.found}"


@dataclass(frozen=True, slots=True)
class CustomOptionChanged(OptionChanged):
    """An option that some extension defines, undecoded; *number* is the extension's."""

    number: int


@dataclass(frozen=True, slots=True)
class ValidationChanged(Stated):
    """What `buf.validate` (or PGV's `validate.rules`) says of a field, oneof or message."""

    what: ClassVar[str] = "validation"


@dataclass(frozen=True, slots=True)
class HttpChanged(Altered):
    """What `google.api.http` says of a method, as request lines."""

    old: Rpc
    new: Rpc
    was: tuple[Any, ...]
    now: tuple[Any, ...]
    what: ClassVar[str] = "HTTP mapping"

    @property
    def before(self) -> str:
        return "; ".join(str(binding) for binding in self.was) or "none"

    @property
    def after(self) -> str:
        return "; ".join(str(binding) for binding in self.now) or "none"
