"""The check itself: buf's descriptors in, annotations out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from wireproof.buf_plugin.messages import message
from wireproof.buf_plugin.offer import PREFIX, offered
from wireproof.buf_plugin.options import Options, options_of
from wireproof.buf_plugin.rpc import PluginError
from wireproof.changes.change import Added, Change, Removed
from wireproof.errors import WireproofError
from wireproof.finding import Finding
from wireproof.lint.engine import faults, worded
from wireproof.lint.table import RULES as LINT_RULES
from wireproof.report.findings import witness_text
from wireproof.rules.engine import Comparison, compare
from wireproof.schema.image import pack
from wireproof.schema.schema import Schema
from wireproof.severities import DEFAULTS


def check(request: bytes) -> bytes:
    """A `CheckResponse` to a `CheckRequest`; raises PluginError where it cannot be judged."""
    asked = message("buf.plugin.check.v1.CheckRequest", request)
    options, rules = options_of(asked.options), _rules(asked.rule_ids)
    answered = message("buf.plugin.check.v1.CheckResponse")
    new = _schema(asked.file_descriptors, "the input")
    if asked.against_file_descriptors:
        old = _schema(asked.against_file_descriptors, "the version to compare with")
        answered.annotations.extend(_annotations(old, new, options, rules))
    answered.annotations.extend(_linted(new, rules))
    told: bytes = answered.SerializeToString(deterministic=True)
    return told


def _rules(ids: Iterable[str]) -> frozenset[str]:
    """The ids (as buf.yaml has them) of the rules to run: those asked for, else the defaults."""
    known = {rule.id: rule.default for rule in offered()}
    asked = frozenset(ids)
    if missing := sorted(asked - known.keys()):
        raise PluginError(f"unknown rule {missing[0]}")
    return asked or frozenset(id_ for id_, default in known.items() if default)


def _schema(files: Iterable[Any], source: str) -> Schema:
    given = list(files)
    own = frozenset(f.file_descriptor_proto.name for f in given if not f.is_import)
    packed = [pack(f.file_descriptor_proto) for f in given]
    return Schema(source=source, own=own, packed=packed)


def _annotations(
    old: Schema, new: Schema, options: Options, rules: frozenset[str]
) -> Iterator[Any]:
    for finding, change in _judged(old, new, options):
        id_ = PREFIX + finding.id
        # A rule that only ever warns was asked for by name; others keep their weaker forms back.
        if id_ in rules and (finding.id in DEFAULTS or options.weighs(finding.severity)):
            yield _annotation(id_, finding, change, _names(old, new))


def _linted(schema: Schema, ids: frozenset[str]) -> Iterator[Any]:
    rules = [rule for rule in LINT_RULES if PREFIX + rule.id in ids]
    if not rules:
        return
    try:
        for rule, element, fault in faults(schema, rules):
            told = message("buf.plugin.check.v1.Annotation")
            told.rule_id = PREFIX + rule.id
            words = worded(rule, element, fault)
            told.message = f"{_sentence(words)} {rule.fix}"
            _point(told.file_location, fault.at or element, element.file.name)
            yield told
    except WireproofError as error:
        raise PluginError(str(error)) from error


def _judged(old: Schema, new: Schema, options: Options) -> Iterator[tuple[Finding, Change]]:
    try:
        comparison: Comparison = compare(
            old,
            new,
            mode=options.mode,
            deploy=options.deploy,
            surfaces=options.surfaces,
            engines=("wireproof",),  # buf has the word already
        )
    except WireproofError as error:
        raise PluginError(str(error)) from error
    for finding in comparison.findings:
        yield finding, comparison.causes[finding.fingerprint]


def _names(old: Schema, new: Schema) -> dict[str, str]:
    """Name in the comparison → name in the input: two single files are compared as one file."""
    if len(old.own) == len(new.own) == 1:
        return {next(iter(old.own)): next(iter(new.own))}
    return {}


def _annotation(id_: str, finding: Finding, change: Change, names: dict[str, str]) -> Any:
    told = message("buf.plugin.check.v1.Annotation")
    told.rule_id, told.message = id_, " ".join(_words(finding))
    here, before = _places(change)
    if here is not None:
        _point(told.file_location, here, names.get(here.file.name, here.file.name))
    if before is not None:
        _point(told.against_file_location, before, before.file.name)
    return told


def _places(change: Change) -> tuple[Any, Any]:
    """The element in the input (or what is left around it), and in the version before."""
    if isinstance(change, Added):
        return change.new, None
    if isinstance(change, Removed):
        return change.around, change.old
    return getattr(change, "new", None), change.element


def _point(location: Any, element: Any, file: str) -> None:
    location.file_name = file
    location.source_path.extend(element.path)


def _words(finding: Finding) -> Iterator[str]:
    """What happened, who breaks and the message that shows it, as sentences on one line."""
    yield _sentence(finding.message or finding.subject)
    who, where = ", ".join(finding.breaks), ", ".join(finding.surfaces)
    if who:
        yield f"Breaks {who} ({where})."
    if finding.witness:
        yield _sentence(f"Shown by {witness_text(finding.witness)}")
    yield finding.fix


def _sentence(words: str) -> str:
    first = words[:1] if "." in words.split(" ")[0] else words[:1].upper()  # names keep their case
    whole = first + " ".join(words[1:].split())
    return whole if whole.endswith(".") else f"{whole}."
