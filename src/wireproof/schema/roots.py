"""The import roots of a folder that has no buf configuration."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from wireproof.schema.workspace import Module, under

_PACKAGE = re.compile(r"^\s*package\s+([\w.]+)\s*;", re.M)
_IMPORT = re.compile(r'^\s*import\s+(?:public\s+|weak\s+|option\s+)?"([^"]+)"\s*;', re.M)


def infer_modules(texts: Mapping[str, str], only: str | None = None) -> tuple[Module, ...]:
    """The modules that make every import of *texts* (path → source) resolve.

    A folder is usually its own root. Where imports say otherwise (`import "shop/v1/a.proto"` of
    `proto/shop/v1/a.proto`), the prefix they leave out is a root; what lies outside every such
    root keeps the folder itself.
    """
    roots = _roots(texts, only)
    if not roots:
        return (Module("."),)
    outermost = sorted(r for r in roots if not any(r != o and under(r, o) for o in roots))
    modules = tuple(Module(root) for root in outermost)
    rest = [path for path in texts if not any(under(path, root) for root in outermost)]
    return (*modules, Module(".", excludes=tuple(outermost))) if rest else modules


def _roots(texts: Mapping[str, str], only: str | None) -> set[str]:
    roots: set[str] = set()
    considered = {only: texts[only]} if only and only in texts else texts
    imported = {name for text in considered.values() for name in _IMPORT.findall(text)}
    for name in imported - texts.keys():
        prefixes = [path[: -len(name) - 1] for path in texts if path.endswith(f"/{name}")]
        if prefixes:
            roots.add(_most_likely(prefixes, texts))
    return roots


def _most_likely(prefixes: list[str], texts: Mapping[str, str]) -> str:
    """Of several copies of a file, the one below the root that most packages point to."""
    if len(prefixes) == 1:
        return prefixes[0]
    votes = Counter(root for path, text in texts.items() if (root := _declared_root(path, text)))
    return max(sorted(prefixes), key=lambda prefix: votes[prefix])


def _declared_root(path: str, text: str) -> str | None:
    """The folder that a file's package makes its root: `proto` for proto/shop/v1 in `shop.v1`."""
    found = _PACKAGE.search(text)
    folder = path.rpartition("/")[0]
    suffix = found.group(1).replace(".", "/") if found else ""
    return folder[: -len(suffix)].rstrip("/") if suffix and folder.endswith(suffix) else None
