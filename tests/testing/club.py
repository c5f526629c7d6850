"""A club that counts what its members do; a fault is a subclass."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from itertools import count
from typing import Any

from tests.testing.shapes import Code, Shape


class Club(Shape):
    """Tables that members follow, and notes that are counted by mood."""

    file, service = "club", "Club"

    def __init__(self) -> None:
        self.tables: dict[str, Any] = {}
        self.kept: dict[str, list[str]] = defaultdict(list)
        self.notes: dict[str, Counter[str]] = defaultdict(Counter)
        self.ids = count(1)
        self.lock = threading.RLock()

    def open_table(self, request: Any, context: Any) -> Any:
        if not request.title:
            context.abort(Code.INVALID_ARGUMENT, "title, please")
        table = self.kind("Table")(table_id=f"t-{next(self.ids)}", title=request.title)
        table.game = request.game
        self.tables[table.table_id] = table
        return table

    def get_table(self, request: Any, context: Any) -> Any:
        if request.table_id not in self.tables:
            context.abort(Code.NOT_FOUND, "no such table")
        return self.tables[request.table_id]

    def follow(self, request: Any, context: Any) -> Any:
        table = self.get_table(request, context)
        if not request.member:
            context.abort(Code.INVALID_ARGUMENT, "member, please")
        with self.lock:
            known = self.kept[table.table_id]
            if request.member not in known:
                known.append(request.member)
            table.follower_count = self.counted(table, known)
            return self.kind("Followed")(follower_count=table.follower_count)

    def counted(self, table: Any, known: list[str]) -> int:
        del table
        return len(known)

    def followers(self, request: Any, context: Any) -> Any:
        table = self.get_table(request, context)
        return self.kind("FollowersReply")(members=self.kept[table.table_id])

    def leave_note(self, request: Any, context: Any) -> Any:
        if not request.note.about or request.note.mood > 3:
            context.abort(Code.INVALID_ARGUMENT, "about and mood, please")
        known = self.notes[request.note.about]
        with self.lock:
            known[self.named(request.note.mood)] += 1
        return self.kind("Noted")(notes=known.total())

    def named(self, mood: int) -> str:
        field = self.kind("Note").DESCRIPTOR.fields_by_name["mood"]
        return str(field.enum_type.values_by_number[mood].name)

    def note_stats(self, request: Any, context: Any) -> Any:
        if request.about not in self.notes:
            context.abort(Code.NOT_FOUND, "nothing is said of that")
        stats = self.notes[request.about]
        return self.kind("NoteStatsReply")(about=request.about, notes_by_mood=stats)


class Swelling(Club):
    """Counts whoever follows again."""

    def counted(self, table: Any, known: list[str]) -> int:
        del known
        return int(table.follower_count) + 1


class Moody(Club):
    """Takes the glad for sore, and the sore for glad."""

    def named(self, mood: int) -> str:
        return super().named({1: 2, 2: 1}.get(mood, mood))
