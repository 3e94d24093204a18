"""Refreshing: the tables are what the rows fold to, and only what changed is written."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from databases import COLUMNS, NOW, SELECT, START, Database, catalog, rows, spec

import isofold

HOUR = timedelta(hours=1)
WATERMARK = NOW.replace(minute=0)


def written(report: dict[str, Any]) -> dict[str, int]:
    return {each["name"]: each["groups_written"] + each["groups_deleted"] for each in report["rollups"]}


def assert_right(database: Database, store: Any) -> None:
    for each, end in (("hours", WATERMARK), ("days", NOW.replace(hour=0, minute=0))):
        made = next(rollup["spec"] for rollup in catalog()["rollups"] if rollup["spec"]["name"] == each)
        assert store.load(each, end=end).digest() == database.folded(made, end).digest(), each


def test_the_tables_are_what_the_rows_fold_to(database: Database) -> None:
    database.insert(rows())
    store = database.open(catalog())
    made = store.init()
    assert [each["status"] for each in made["rollups"]] == ["made"] * 3
    report = store.refresh(now=NOW)
    hours, days, berlin = report["rollups"]
    assert (hours["status"], hours["watermark"]) == ("ok", "2026-11-04T10:00:00Z")
    assert hours["rows_read"] == len([row for row in rows() if row[0] < WATERMARK])
    assert days["watermark"] == "2026-11-04T00:00:00Z"
    assert berlin["watermark"] == "2026-11-03T23:00:00Z"
    assert_right(database, store)


def test_the_metrics_are_plain_columns_that_agree_with_the_states(database: Database) -> None:
    database.insert(rows())
    store = database.open(catalog())
    store.init()
    store.refresh(now=NOW)
    frame = database.folded(spec("hours", "1 hour", ["model"]), WATERMARK).query().to_dicts()
    stored = database.execute("SELECT model, requests, failures, avg_ms, p95_ms, users FROM hours")
    key = lambda row: tuple((value is None, value) for value in row)  # noqa: E731
    want = [tuple(row[name] for name in ("model", "requests", "failures", "avg_ms", "p95_ms", "users")) for row in frame]
    assert sorted(stored, key=key) == sorted(want, key=key)


def test_a_second_refresh_writes_nothing(database: Database) -> None:
    database.insert(rows())
    store = database.open(catalog())
    store.init()
    assert written(store.refresh(now=NOW))["hours"] > 0
    before = database.stored("hours")
    again = store.refresh(now=NOW)
    assert written(again) == {"hours": 0, "days": 0, "berlin": 0}
    assert database.stored("hours") == before
    assert store.init()["rollups"][0]["status"] == "there"


def test_null_keys_are_groups_of_their_own_and_stand_once(database: Database) -> None:
    database.insert([row for row in rows(400) if row[1] is None])
    store = database.open(catalog())
    store.init()
    store.refresh(now=NOW)
    store.refresh(since=START, now=NOW)
    found = database.execute("SELECT bucket, count(*) FROM hours WHERE model IS NULL GROUP BY bucket")
    assert found and {count for _, count in found} == {1}


@pytest.mark.parametrize("changes", ["trigger", "start_offset"])
def test_late_rows_updates_and_deletes_inside_the_window(database: Database, changes: str) -> None:
    database.insert(rows())
    store = database.open(catalog(changes=changes))
    store.init()
    store.refresh(now=NOW)
    late = WATERMARK - 3 * HOUR
    database.insert([(late, "late", 1, 5.0, True)])
    database.execute("UPDATE requests SET ms = 1 WHERE ts >= %s AND ts < %s", database.time(late + HOUR), database.time(late + HOUR * 1.5))
    database.execute("DELETE FROM requests WHERE ts >= %s AND ts < %s", database.time(late + 2 * HOUR), database.time(late + 3 * HOUR))
    report = store.refresh(now=NOW)
    assert report["rollups"][0]["groups_deleted"] > 0
    assert_right(database, store)


@pytest.mark.parametrize("changes", ["trigger", "start_offset"])
def test_changes_before_start_offset_are_built_when_they_are_told(database: Database, changes: str) -> None:
    database.insert(rows())
    store = database.open(catalog(changes=changes))
    store.init()
    store.refresh(now=NOW)
    database.insert([(START + 5 * HOUR, "late", 1, 5.0, True)])
    if changes == "start_offset":
        # nobody saw it
        assert store.check(now=NOW)["rollups"][0]["status"] == "unwatched"
        store.invalidate(START + 5 * HOUR, START + 6 * HOUR)
    state = store.check(now=NOW)["rollups"][0]
    assert (state["status"], state["stale"]) == ("stale", [{"start": "2026-11-01T05:00:00Z", "end": "2026-11-01T06:00:00Z"}])
    assert written(store.refresh(now=NOW)) == {"hours": 1, "days": 1, "berlin": 1}
    assert store.check(now=NOW)["rollups"][0]["status"] == ("fresh" if changes == "trigger" else "unwatched")
    assert_right(database, store)


def test_a_trigger_makes_a_refresh_read_only_what_changed(database: Database) -> None:
    database.insert(rows())
    store = database.open(catalog(changes="trigger"))
    store.init()
    store.refresh(now=NOW)
    assert store.refresh(now=NOW)["rollups"][0]["rows_read"] == 0
    database.insert([(WATERMARK - 3 * HOUR, "late", 1, 5.0, True), (WATERMARK - HOUR, "late", 1, 5.0, True)])
    hours = store.refresh(now=NOW)["rollups"][0]
    assert 2 <= hours["rows_read"] < 150 and hours["groups_written"] == 2
    database.execute("DELETE FROM requests WHERE model = 'late'")
    assert store.refresh(now=NOW)["rollups"][0]["groups_deleted"] == 2
    assert_right(database, store)


def test_rows_that_somebody_dropped_empty_nothing(database: Database) -> None:
    database.insert(rows())
    store = database.open(catalog())
    store.init()
    store.refresh(now=NOW)
    kept = database.stored("hours")
    database.execute("DELETE FROM requests WHERE ts < %s", database.time(START + 24 * HOUR))
    report = store.refresh(since=START, now=NOW)["rollups"][0]
    assert report["status"] == "refused"
    assert report["refused"] == [{"start": "2026-11-01T00:00:00Z", "end": "2026-11-02T01:00:00Z", "code": "refresh.dropped"}]
    assert database.stored("hours") == kept
    assert store.refresh(since=START, force=True, now=NOW)["rollups"][0]["groups_deleted"] > 0


def test_retention_drops_what_is_built_and_refuses_to_build_it_again(database: Database) -> None:
    database.insert(rows())
    plan = catalog(retention="2 days")
    plan["rollups"][0]["retention"] = "60 hours"
    store = database.open(plan)
    store.init()
    held = {each["name"]: each["status"] for each in store.prune(now=NOW)["pruned"]}
    assert held["requests"] == "held_back"
    store.refresh(now=NOW)
    days = database.stored("days")
    report = {each["name"]: each for each in store.prune(now=NOW)["pruned"]}
    assert report["requests"]["dropped_before"] == "2026-11-02T10:00:00Z"
    assert report["hours"]["dropped_before"] == "2026-11-01T22:00:00Z"
    refused = store.refresh(since=START, now=NOW)["rollups"][0]["refused"]
    assert refused[0]["end"] == "2026-11-02T10:00:00Z"
    assert database.stored("days") == days
    answer = store.query("days", bucket=None, group_by=[], start=START, end=NOW, select=["requests"])
    assert answer.column("requests") == [len([row for row in rows() if row[0] < NOW])]
    assert answer.coverage["missing"] == []


def test_a_row_that_does_not_fit_leaves_its_window_as_it_was(database: Database) -> None:
    database.insert(rows())
    store = database.open(catalog())
    store.init()
    store.refresh(now=NOW)
    before = database.stored("hours")
    database.insert([(WATERMARK - HOUR, "bad", 1, 1.0, True)])
    stopping = catalog()
    stopping["source"]["on_row_error"] = "stop"
    odd = dict(COLUMNS, user_id="bool") if database.kind == "postgres" else COLUMNS
    if database.kind == "sqlite":
        database.execute("UPDATE requests SET user_id = 'many' WHERE model = 'bad'")
        broken = database.open(stopping)
    else:
        plan = stopping
        plan["source"]["columns"] = odd
        for each in plan["rollups"]:
            each["spec"]["select"] = {**SELECT, "users": "bool_or(user_id)", "top": "count(*)"}
        plan["rollups"] = plan["rollups"][:1]
        plan["rollups"][0]["spec"]["name"] = "odd"
        broken = database.open(plan)
        broken.init()
    with pytest.raises(isofold.IngestError) as raised:
        broken.refresh(now=NOW)
    assert raised.value.code == "ingest.type" and "user_id" in raised.value.path
    assert database.stored("hours") == before
    name = broken.rollups[0]
    state = next(each for each in broken.check(now=NOW)["rollups"] if each["name"] == name)
    assert state["status"] == "error" and "ingest.type" in state["error"]


def test_a_new_metric_over_old_states_is_filled_and_a_new_state_is_null_until_since(database: Database) -> None:
    database.insert(rows())
    store = database.open(catalog(changes="start_offset"))
    store.init()
    store.refresh(now=NOW)
    plan = catalog(changes="start_offset")
    for each in plan["rollups"]:
        each["spec"]["select"] = {**SELECT, "total_ms": "sum(ms)", "slowest": "max(ms)", "first_user": "first(user_id, ts)"}
    store = database.open(plan)
    with pytest.raises(isofold.StoreError, match="init"):
        store.refresh(now=NOW)
    made = store.init()["rollups"]
    assert made[0]["added"] == ["total_ms", "slowest", "first_user"] and made[0]["groups_filled"] > 0
    free, new = database.execute("SELECT count(total_ms), count(first_user) FROM hours")[0]
    assert free > 0 and new == 0
    store.refresh(now=NOW)
    answer = store.query("hours", start=START, end=WATERMARK, group_by=[]).to_dicts()
    assert [row["first_user"] is not None for row in answer] == [False] * 76 + [True] * 6
    assert all(row["total_ms"] is not None for row in answer if row["requests"] > 5)
    with pytest.raises(isofold.RefreshError) as raised:
        store.load("hours")
    assert raised.value.code == "refresh.schema"
    store.refresh(since=START, now=NOW)
    assert all(row["first_user"] is not None for row in store.query("hours", start=START, end=START + 48 * HOUR, group_by=[]).to_dicts())
    made_spec = plan["rollups"][0]["spec"]
    assert store.load("hours", end=WATERMARK).digest() == database.folded(made_spec, WATERMARK).digest()


def test_a_table_of_other_buckets_is_refused(database: Database) -> None:
    store = database.open(catalog())
    store.init()
    plan = catalog()
    plan["rollups"] = [{"spec": spec("hours", "2 hours", ["model"])}]
    with pytest.raises(isofold.StoreError) as raised:
        database.open(plan).init()
    assert raised.value.code == "store.table"
    plan["rollups"] = [{"spec": spec("requests_too", "2 hours", ["model"])}]
    database.execute("CREATE TABLE requests_too (id int)")
    with pytest.raises(isofold.StoreError) as raised:
        database.open(plan).init()
    assert raised.value.code == "store.table"


def test_hostile_names_are_names(database: Database) -> None:
    hostile = 'a"; DROP TABLE requests; --'
    plan = {
        "source": {"table": "requests", "columns": COLUMNS, "time": "ts", "changes": "trigger"},
        "rollups": [
            {
                "spec": {
                    "name": hostile,
                    "bucket": "1 day",
                    "group_by": [{"k'\"\\": "model"}],
                    "select": {"n\"'$1?": "count(*)", "select": "max(ms)"},
                }
            }
        ],
    }
    store = database.open(plan)
    store.init()
    database.insert(rows(3000))
    store.refresh(now=NOW)
    assert len(store.load(hostile)) == len(database.folded(plan["rollups"][0]["spec"]))
    assert store.check(now=NOW)["rollups"][0]["groups"] > 0
    database.insert([(START, "x", 1, 1.0, True)])
    assert store.refresh(now=NOW)["rollups"][0]["groups_written"] == 1


def test_a_damaged_state_is_refused_and_named(database: Database) -> None:
    database.insert(rows(2000))
    store = database.open(catalog())
    store.init()
    store.refresh(now=NOW)
    [(first,)] = database.execute("SELECT min(bucket) FROM hours")
    [(state,)] = database.execute("SELECT state FROM hours WHERE bucket = %s AND model = 'gpt'", first)
    damaged = bytes(state[:-3]) + bytes([state[-3] ^ 1]) + bytes(state[-2:])
    database.execute("UPDATE hours SET state = %s WHERE bucket = %s AND model = 'gpt'", damaged, first)
    with pytest.raises(isofold.DecodeError) as raised:
        store.load("hours")
    assert raised.value.code == "decode.checksum"


def test_two_catalogs_may_follow_one_table(database: Database) -> None:
    database.insert(rows(500))
    one = database.open(catalog(changes="trigger"))
    one.init()
    plan = catalog(changes="trigger")
    plan["rollups"] = [{"spec": spec("quarters", "15 minutes", [])}]
    two = database.open(plan)
    two.init()
    one.refresh(now=NOW)
    two.refresh(now=NOW)
    database.insert([(NOW - 3 * HOUR, "late", 1, 1.0, True)])
    assert [store.refresh(now=NOW)["rollups"][0]["groups_written"] for store in (one, two)] == [1, 1]


def test_who_writes_rows_needs_no_rights_on_the_log(database: Database) -> None:
    if database.kind == "sqlite":
        pytest.skip("SQLite has no users")
    store = database.open(catalog(changes="trigger"))
    store.init()
    [(schema,)] = database.execute("SELECT current_schema()")
    role = f"writer_{schema}"
    for statement in (
        f"CREATE ROLE {role}",
        f"GRANT USAGE ON SCHEMA {schema} TO {role}",
        f"GRANT INSERT ON {schema}.requests TO {role}",
        f"GRANT USAGE ON SEQUENCE {schema}.requests_id_seq TO {role}",
        f"SET ROLE {role}",
        "SET search_path TO public",
    ):
        database.execute(statement)
    database.execute(f"INSERT INTO {schema}.requests (ts) VALUES (%s)", NOW - HOUR)
    database.execute("RESET ROLE")
    database.execute(f"SET search_path TO {schema}")
    # beside the entry for all of time, which was never built
    assert database.execute("SELECT count(*) FROM isofold_changes WHERE start_us > 0") == [(1,)]
    database.execute(f"DROP OWNED BY {role}")
    database.execute(f"DROP ROLE {role}")
