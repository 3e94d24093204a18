"""What an operator asks: what would be done, what was done, which rows are left out, and answers without rights on the rows."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from databases import NOW, POSTGRES, START, Database, catalog, make_postgres, rows

import isofold
import isofold.stores

WATERMARK = NOW - timedelta(minutes=30)


def kept(database: Database, **source: Any) -> isofold.stores.Store:
    database.insert(rows(1500))
    store = database.open(catalog(changes="trigger", **source))
    store.init()
    store.refresh(now=NOW)
    return store


def test_a_row_that_does_not_fit_is_left_out_and_counted(database: Database) -> None:
    store = kept(database)
    before = database.stored("hours")
    if database.kind == "postgres":
        database.execute("ALTER TABLE requests ALTER user_id TYPE numeric, ALTER model TYPE text")
    at = START + timedelta(hours=5, minutes=10)
    for user, model in ((0.5, "odd"), (1, "k" * 5000)):
        database.execute("INSERT INTO requests (ts, model, user_id, ms, ok) VALUES (%s, %s, %s, 1.0, true)", database.time(at), model, user)
    hours = store.refresh(now=NOW)["rollups"][0]
    assert (hours["rows_skipped"], hours["groups_written"]) == (2, 0)
    assert database.stored("hours") == before
    state = store.check(now=NOW)["rollups"][0]
    assert (state["status"], state["error"]) == ("fresh", None)
    told = [(each["code"], each["path"], each["rows"], each["first_bucket"]) for each in state["skipped"]]
    bucket = "2026-11-01T05:00:00Z"
    assert told == [("ingest.text", "spec.group_by.model", 1, bucket), ("ingest.type", "column.user_id", 1, bucket)]
    # memory leaves the same rows out
    query: dict[str, Any] = {"bucket": None, "group_by": [], "select": ["requests"]}
    assert store.query("hours", query).column("requests") == [1500]
    database.execute("DELETE FROM requests WHERE length(model) > 100")
    database.execute("UPDATE requests SET user_id = 3 WHERE model = 'odd'")
    store.refresh(now=NOW)
    assert store.check(now=NOW)["rollups"][0]["skipped"] == []
    assert store.query("hours", query).column("requests") == [1501]


def test_a_text_that_is_none_is_a_row_that_does_not_fit(database: Database) -> None:
    if database.kind == "postgres":
        pytest.skip("PostgreSQL keeps no such text")
    # so many that some come before the batch of the bad one, and some after it
    database.insert(rows(50_000, step=4.0))
    database.execute("INSERT INTO requests (ts, model) VALUES (%s, CAST(x'66ff' AS TEXT))", database.time(START + timedelta(hours=5)))
    database.execute("INSERT INTO requests (ts, model) VALUES (%s, 'last')", database.time(START + timedelta(hours=6)))
    store = database.open(catalog())
    store.init()
    hours = store.refresh(now=NOW)["rollups"][0]
    assert (hours["rows_read"], hours["rows_skipped"]) == (50_001, 1)
    (skipped,) = store.check(now=NOW)["rollups"][0]["skipped"]
    assert (skipped["path"], skipped["rows"]) == ("column.model", 1)
    # by whatever factory the application has its texts made
    database.connection.text_factory = bytes
    again = isofold.stores.open(catalog(), database.connection)
    assert again.refresh(now=NOW, since="2026-11-01")["rollups"][0]["groups_written"] == 0
    assert database.connection.text_factory is bytes
    assert sum(again.query("hours", bucket=None, select=["requests"]).column("requests")) == 50_001


def test_how_a_row_that_does_not_fit_is_met_is_one_of_two_words(database: Database) -> None:
    with pytest.raises(isofold.Error) as raised:
        database.open(catalog(on_row_error="ignore"))
    assert (raised.value.code, raised.value.path) == ("catalog.invalid", "catalog.source.on_row_error")


def test_what_would_be_done_is_told_and_not_done(database: Database) -> None:
    database.insert(rows(1500))
    store = database.open(catalog(changes="trigger"))
    told = store.init(dry_run=True)
    assert [each["status"] for each in told["rollups"]] == ["made"] * 3
    with pytest.raises(isofold.StoreError):
        store.check(now=NOW)
    assert len(store.init()["statements"]) == len(told["statements"]) > 5
    assert store.init(dry_run=True)["statements"] == []
    plan = store.plan(now=NOW, until="2026-11-01T12:30:00Z")["rollups"]
    done = store.refresh(now=NOW, until="2026-11-01T12:30:00Z")["rollups"]
    assert plan[0]["watermark"] == done[0]["watermark"] == "2026-11-01T12:00:00Z"
    assert plan[0]["rows_to_read"] == sum(window["rows"] for window in plan[0]["windows"]) >= done[0]["rows_read"] > 0
    assert plan[1]["from"] == "hours" and all(window["end"] <= "2026-11-01T00:00:00Z" for window in plan[1]["windows"])
    store.refresh(now=NOW)
    assert store.check(now=NOW)["rollups"][0]["status"] == "fresh"
    assert sum(store.query("hours", bucket=None, select=["requests"]).column("requests")) == 1500
    for wrong in ({"dry_run": 1}, {"dry_run": "yes"}):
        with pytest.raises(isofold.HostError):
            store.init(**wrong)  # type: ignore[arg-type]


def test_refreshes_are_kept_and_told(database: Database) -> None:
    store = kept(database)
    runs = store.runs("hours")
    assert [(run["rollup"], run["error"]) for run in runs] == [("hours", None)]
    assert runs[0]["started_at"] <= runs[0]["ended_at"] and runs[0]["rows_read"] == 1500
    assert database.execute("SELECT count(*) FROM isofold_runs") == [(3,)]
    assert len(store.runs(limit=2)) == 2
    for wrong in (-1, 1.5, "2"):
        with pytest.raises(isofold.HostError):
            store.runs(limit=wrong)  # type: ignore[arg-type]
    with pytest.raises(isofold.RefreshError):
        store.runs("none")


def test_what_waits_for_its_schedule_is_pending(database: Database) -> None:
    store = kept(database)
    database.insert([(START + timedelta(hours=5), "late", 1, 1.0, True)])
    state = store.check(now=NOW + timedelta(minutes=20))["rollups"][0]
    assert (state["status"], state["pending"]) == ("stale", True)
    state = store.check(now=NOW + timedelta(hours=9))["rollups"][0]
    assert (state["status"], state["pending"]) == ("stale", False)


def test_stored_groups_answer_without_the_rows(database: Database) -> None:
    store = kept(database)
    database.execute("ALTER TABLE requests RENAME TO away")
    query: dict[str, Any] = {"bucket": None, "group_by": [], "select": ["requests"], "end": NOW}
    with pytest.raises(isofold.StoreError):
        store.query("hours", query)
    answer = store.query("hours", query, tail=False)
    assert answer.column("requests") == [1500]
    assert [each["start"] for each in answer.coverage["missing"]] == [answer.coverage["watermark"]]
    assert store.load("hours", tail=False).stats()["rows"] == 1500
    with pytest.raises(isofold.StoreError):
        store.load("hours")


def test_tables_dropped_by_hand_are_mended_by_init_and_by_drop(database: Database) -> None:
    store = kept(database)
    database.execute("DROP TABLE isofold_changes")
    if database.kind == "sqlite":
        with pytest.raises(Exception, match="no such table: main.isofold_changes"):
            database.insert(rows(1))
        database.connection.rollback()
    else:
        database.insert(rows(1))
    store.init()
    # an open connection sees what another one made with the next statement that reads
    assert database.execute("SELECT count(*) FROM isofold_changes")[0][0] > 0
    database.insert(rows(1))
    store.refresh(now=NOW)
    assert store.check(now=NOW)["rollups"][0]["status"] == "fresh"
    database.execute("DROP TABLE isofold_changes")
    database.execute("DROP TABLE isofold_rollups")
    store.drop()
    database.execute("SELECT count(*) FROM requests")
    database.insert(rows(1))


@pytest.mark.skipif(POSTGRES is None, reason="ISOFOLD_POSTGRES is not set: tools/postgres.sh")
def test_a_reader_without_rights_on_the_rows_reads_what_is_stored() -> None:
    psycopg = pytest.importorskip("psycopg")
    database = make_postgres()
    store = kept(database)
    role, schema = f"r_{uuid.uuid4().hex}", database.execute("SELECT current_schema()")[0][0]
    database.execute(f"CREATE ROLE {role}")
    database.execute(f"GRANT USAGE ON SCHEMA {schema} TO {role}")
    database.execute(f"GRANT SELECT ON hours, days, berlin, isofold_rollups, isofold_schemas, isofold_version TO {role}")
    connection = psycopg.connect(POSTGRES, autocommit=True, options=f"-csearch_path={schema}")
    connection.execute(f"SET SESSION AUTHORIZATION {role}")
    reader = isofold.stores.open(catalog(changes="trigger"), connection)
    query: dict[str, Any] = {"bucket": None, "group_by": [], "select": ["requests"]}
    with pytest.raises(isofold.StoreError, match="permission denied"):
        reader.query("hours", query)
    assert reader.query("hours", query, tail=False).column("requests") == [1500]
    assert reader.load("hours", tail=False).digest() == store.load("hours", tail=False).digest()
    connection.close()
    database.execute(f"DROP OWNED BY {role}")
    database.execute(f"DROP ROLE {role}")
    database.close()
