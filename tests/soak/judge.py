"""Whether the tables are what the rows fold to: one moment of the database, looked at by itself."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from world import METRICS, COLUMNS, Rows

import isofold

WIDTHS = {"hours": timedelta(hours=1), "days": timedelta(days=1), "minutes": timedelta(minutes=5), "quarters": timedelta(minutes=15)}

Group = tuple[datetime, "str | None"]


def instant(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value.replace("Z", "+00:00"))


def micros(us: int | None) -> datetime | None:
    return None if us is None else datetime.fromtimestamp(us / 1e6, timezone.utc)


def added(values: Any, default: Any) -> Any:
    found = list(values)
    return sum(found) if found else default


class Moment:
    """All that the database has, in one transaction that reads."""

    def __init__(self, rows: Rows, names: list[str]) -> None:
        rows.run("BEGIN ISOLATION LEVEL REPEATABLE READ" if rows.kind == "postgres" else "BEGIN")
        try:
            self.rows = rows.run("SELECT ts, model, user_id, ms FROM requests")
            known = rows.run("SELECT name, watermark, dropped_before, rows_dropped_before FROM isofold_rollups")
            self.known = {name: tuple(micros(us) for us in times) for name, *times in known}
            self.tables = {}
            for name in names:
                found = rows.run(f"SELECT bucket, model, n, total, most, state FROM {name}")
                self.tables[name] = {(instant(bucket), model): tuple(cells) for bucket, model, *cells in found}
                assert len(self.tables[name]) == len(found), f"{name} has a group twice"
        finally:
            rows.run("ROLLBACK")

    def folded(self, name: str) -> dict[Group, tuple[Any, ...]]:
        width = f"{int(WIDTHS[name].total_seconds() // 60)} minutes"
        rollup = isofold.Rollup(
            {"name": name, "columns": COLUMNS, "time": "ts", "bucket": width, "group_by": ["model"], "select": METRICS}
        )
        rollup.ingest([dict(zip(("ts", "model", "user_id", "ms"), row)) for row in self.rows])
        return {(row["bucket"], row["model"]): tuple(row[metric] for metric in METRICS) for row in rollup.query().to_dicts()}

    def of_hours(self) -> dict[Group, tuple[Any, ...]]:
        """The days that the hours give: quarters of a millisecond are added without a rounding."""
        days: dict[Group, tuple[Any, ...]] = {}
        for (bucket, model), (n, total, most, _) in self.tables["hours"].items():
            at = (bucket.replace(hour=0), model)
            before = days.get(at, (0, None, None))
            days[at] = (before[0] + n, *(each(filter(lambda it: it is not None, pair), default=None) for each, pair in ((added, (before[1], total)), (max, (before[2], most)))))
        return days

    def wrong(self, name: str) -> list[datetime]:
        """The buckets below the watermark, of which no row is dropped, that differ from a fold of their rows."""
        watermark, dropped, rows_dropped = self.known[name]
        # days are built from hours, which keep what rows were dropped
        from_ = max(filter(None, (dropped, self.known["hours"][1])), default=None) if name == "days" else max(filter(None, (dropped, rows_dropped)), default=None)
        if watermark is None:
            return []
        right, table = self.of_hours() if name == "days" else self.folded(name), self.tables[name]
        found = {
            bucket
            for bucket, model in {*right, *table}
            if bucket + WIDTHS[name] <= watermark
            and (from_ is None or bucket >= from_)
            and right.get((bucket, model)) != table.get((bucket, model), (None,))[:3]
        }
        return sorted(found)

    def frozen(self, name: str) -> dict[Group, bytes]:
        """The groups that are kept of dropped rows."""
        rows_dropped = self.known[name][2]
        if rows_dropped is None:
            return {}
        return {group: cells[3] for group, cells in self.tables[name].items() if group[0] < rows_dropped and name != "days"}
