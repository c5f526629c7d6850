"""The two sides of the comparison, module by module, and what comes of comparing them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from wireproof.changes.change import Bump
from wireproof.contracts.usage import consumers_of, usage
from wireproof.finding import Finding, Surface
from wireproof.gate.attempt import attempt
from wireproof.gate.base import Base, NoBase, find_base, has_protos
from wireproof.gate.config import Config
from wireproof.gate.contracts import all_contracts
from wireproof.gate.past import of_all_releases
from wireproof.rules.engine import compare
from wireproof.schema.release import releases
from wireproof.schema.schema import Schema
from wireproof.schema.source import load
from wireproof.verdict.policy import ENGINES
from wireproof.verdict.stages import Side

Heads = dict[str, Schema]
"""Module → its schema as it stands in the work tree."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One module at both versions."""

    module: str
    old: Schema
    new: Schema


@dataclass(frozen=True, slots=True)
class Held:
    """All modules against one base."""

    side: Side
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """What the change brings, and what of it breaks."""

    bases: tuple[Side, ...]
    head: Side
    bump: str
    findings: tuple[Finding, ...]

    @property
    def breaking(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if not _is_promise(f))

    @property
    def promises(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if _is_promise(f))


def compare_all(config: Config, against: str | None) -> Compared:
    """Every module against every base: *against*, or the merge base; and the last release.

    All releases together are its history, in which nothing may come back as something else.
    The bump is what the change itself brings, so that of the first base. Raises NoBase where
    there is nothing to compare with, UnreadableSource where a side cannot be read.
    """
    # A contract that cannot be read is told by its own stage.
    contracts = attempt(lambda: all_contracts(config)).value or []
    heads = {module: load(module, root=config.root) for module in config.modules}
    bases = _bases(config, heads, against)
    bumps: list[Bump] = []
    findings: dict[str, Finding] = {}
    for base in bases:
        for pair in base.pairs:
            comparison = compare(
                pair.old,
                pair.new,
                engines=ENGINES,
                promises=config.promises,
                stored=config.stored,
            )
            if base is bases[0]:
                bumps.append(comparison.bump)
            usages = [usage(contract, pair.old) for contract in contracts if pair.old.packed]
            for finding in consumers_of(comparison.findings, usages):
                findings.setdefault(finding.fingerprint, replace(finding, module=pair.module))
    for module, finding in of_all_releases(config.root, heads):
        findings.setdefault(finding.fingerprint, replace(finding, module=module))
    return Compared(
        bases=tuple(base.side for base in bases),
        head=Side(", ".join(heads), _digest(heads.values())),
        bump=str(max(bumps, key=lambda bump: bump.weight, default=Bump.NONE)),
        findings=tuple(findings.values()),
    )


def _bases(config: Config, heads: Heads, against: str | None) -> tuple[Held, ...]:
    if against:
        pairs = tuple(Pair(m, _against(config, against, m), s) for m, s in heads.items())
        return (_held(against, "named with --against", pairs),)
    base = find_base(config.root, branch=config.base)
    version = next(reversed(releases(config.root)), None)
    if base is None and version is None:
        raise NoBase("this is the first commit and nothing was released; name one with --against")
    return (*_at_commit(config, heads, base), *_at_release(config, heads, version))


def _against(config: Config, source: str, module: str) -> Schema:
    """A base named by hand; a git ref alone means the same module there."""
    whole_ref = source.startswith("git:") and source.count(":") == 1
    return load(f"{source}:{module}" if whole_ref else source, root=config.root)


def _at_commit(config: Config, heads: Heads, base: Base | None) -> Iterator[Held]:
    """The modules at the base commit; one that it lacks promised nothing yet."""
    if base is None:
        return
    pairs = tuple(
        Pair(module, _at(config, base.commit, module), schema) for module, schema in heads.items()
    )
    first = "" if any(pair.old.packed for pair in pairs) else ", before the first .proto file"
    yield _held(f"git:{base.commit[:12]}", f"{base.words}{first}", pairs)


def _at(config: Config, commit: str, module: str) -> Schema:
    source = f"git:{commit}:{module}"
    if has_protos(config.root, commit, module):
        return load(source, root=config.root)
    return Schema(source=source, own=frozenset(), packed=())


def _at_release(config: Config, heads: Heads, version: str | None) -> Iterator[Held]:
    """The last release: one image, of the module or (where there are several) of all of them."""
    if version is not None:
        old = load(f"release:{version}", root=config.root)
        module, new = next(iter(heads.items()))
        if len(heads) > 1:
            module, new = ".", load(".", root=config.root)
        yield _held(f"release:{version}", "the last release", (Pair(module, old, new),))


def _held(source: str, words: str, pairs: tuple[Pair, ...]) -> Held:
    return Held(Side(source, _digest(pair.old for pair in pairs), words), pairs)


def _digest(schemas: Iterable[Schema]) -> str:
    """The schema's own digest; of several modules, the digest of theirs."""
    digests = [schema.digest for schema in schemas]
    if len(digests) == 1:
        return digests[0]
    return f"sha256:{hashlib.sha256(' '.join(sorted(digests)).encode()).hexdigest()}"


def _is_promise(finding: Finding) -> bool:
    """Whether buf could not know: annotations promised it, the shape did not."""
    return finding.surfaces == (Surface.PROMISE,)
