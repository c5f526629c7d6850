"""Messages drawn from a source of choices: valid ones, and valid ones with one rule broken."""

from __future__ import annotations

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from wireproof.values.assign import copied
from wireproof.values.breaking import Breaking, Site, sites
from wireproof.values.build import Builder
from wireproof.values.goals import nodes
from wireproof.values.source import Source
from wireproof.values.spoilt import Invalid, violating, violation


class Spoiler:
    """Draws messages of one descriptor in which one rule is broken.

    What a single value breaks is broken in a drawn message; what takes more (a rule over several
    fields) is taken as `invalid` constructs it.
    """

    def __init__(self, builder: Builder, descriptor: Descriptor, depth: int) -> None:
        self.builder = builder
        self.descriptor = descriptor
        self.depth = depth
        known = [s for node in nodes(builder, descriptor, depth) for s in sites(builder, node)]
        by_rule = {(site.place, site.rule): site for site in known}
        self.templates = [
            (template, by_rule.get((template.place, template.rule)))
            for template in violating(builder, descriptor, depth, None)
        ]

    def draw(self, source: Source) -> Invalid:
        """An invalid message; there are none where `templates` is empty."""
        last = len(self.templates) - 1
        template, site = self.templates[source.integer(0, last, 0) if last else 0]
        spoilt = self._spoilt(site, source) if site is not None else None
        return spoilt or Invalid(
            copied(template.message), template.path, template.place, template.rule, template.implied
        )

    def _spoilt(self, site: Site, source: Source) -> Invalid | None:
        message = self.builder.rough(self.descriptor, source, self.depth)
        last = len(site.values) - 1
        value = site.values[source.integer(0, last, 0) if last else 0]
        changed: Message = self.builder.place(message, site.route, value)
        return violation(
            self.builder, Breaking(site.rule, site.place, site.route, iter((changed,)))
        )
