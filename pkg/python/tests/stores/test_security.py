"""No role gains a right by isofold, and whoever writes rows is never stopped by it (PostgreSQL)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from databases import COLUMNS, NOW, POSTGRES, SELECT, Database, catalog, make_postgres, rows

import isofold

pytestmark = pytest.mark.skipif(POSTGRES is None, reason="ISOFOLD_POSTGRES is not set: tools/postgres.sh")


@pytest.fixture
def database() -> Iterator[Database]:
    made = make_postgres()
    yield made
    made.close()


@pytest.fixture
def writer(database: Database) -> Iterator[tuple[str, Any]]:
    """A role that may insert requests and nothing else, and a connection of it."""
    psycopg = pytest.importorskip("psycopg")
    role, schema = f"w_{uuid.uuid4().hex}", database.execute("SELECT current_schema()")[0][0]
    database.execute(f"CREATE ROLE {role}")
    database.execute(f"GRANT USAGE ON SCHEMA {schema} TO {role}")
    database.execute(f"GRANT INSERT ON requests TO {role}")
    database.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {role}")
    connection = psycopg.connect(POSTGRES, autocommit=True, options=f"-csearch_path={schema}")
    connection.execute(f"SET SESSION AUTHORIZATION {role}")
    yield role, connection
    connection.close()
    database.execute(f"DROP OWNED BY {role}")
    database.execute(f"DROP ROLE {role}")


PLAN = catalog(changes="trigger")


def insert(connection: Any, at: str) -> None:
    connection.execute("INSERT INTO requests (ts, model) VALUES (%s, 'gpt')", (at,))


def count(database: Database) -> int:
    found: int = database.execute("SELECT coalesce(sum(requests), 0)::int FROM hours")[0][0]
    return found


def test_the_trigger_reads_nothing_of_whoever_writes(database: Database, writer: tuple[str, Any]) -> None:
    _, connection = writer
    store = database.open(PLAN)
    store.init()
    connection.execute("CREATE TEMP TABLE loot (who text); GRANT ALL ON loot TO public")
    connection.execute(
        "CREATE FUNCTION pg_temp.evil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "EXECUTE 'INSERT INTO pg_temp.loot SELECT current_user'; RETURN NEW; END $$"
    )
    connection.execute("CREATE TEMP TABLE isofold_changes (rollup text, start_us bigint, end_us bigint)")
    connection.execute("CREATE TEMP TABLE isofold_rollups (name text, source text)")
    connection.execute("GRANT ALL ON isofold_changes, isofold_rollups TO public")
    connection.execute("CREATE TRIGGER evil BEFORE INSERT ON isofold_changes FOR EACH ROW EXECUTE FUNCTION pg_temp.evil()")
    connection.execute("INSERT INTO isofold_rollups VALUES ('hours', 'requests')")
    # what a function with the search path of its caller would take from here
    connection.execute("CREATE FUNCTION pg_temp.min(pg_catalog.timestamptz) RETURNS pg_catalog.timestamptz LANGUAGE sql AS 'SELECT now()'")
    insert(connection, "2026-11-01T05:10:00Z")
    assert connection.execute("SELECT count(*) FROM loot").fetchone() == (0,)
    assert connection.execute("SELECT count(*) FROM pg_temp.isofold_changes").fetchone() == (0,)
    store.refresh(now=NOW)
    assert count(database) == 1


def test_no_role_but_the_owner_has_rights_on_what_isofold_makes(database: Database, writer: tuple[str, Any]) -> None:
    psycopg = pytest.importorskip("psycopg")
    role, connection = writer
    schema = database.execute("SELECT current_schema()")[0][0]
    # as hosted databases do
    database.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT ALL ON TABLES TO PUBLIC, {role}")
    database.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT ALL ON FUNCTIONS TO PUBLIC")
    store = database.open(PLAN)
    store.init()
    for table in ("isofold_changes", "isofold_rollups", "isofold_runs", "isofold_schemas", "isofold_skipped", "isofold_version"):
        for act in (f"SELECT FROM {table}", f"DELETE FROM {table}"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(act)
    function = database.execute("SELECT tgfoid::regprocedure::text FROM pg_trigger WHERE tgrelid = 'requests'::regclass")[0][0]
    assert database.execute("SELECT has_function_privilege(%s, %s, 'EXECUTE')", role, function) == [(False,)]
    # and the role goes on inserting
    insert(connection, "2026-11-01T05:10:00Z")
    store.refresh(now=NOW)
    assert count(database) == 1


def test_times_that_no_rollup_takes_stop_nothing(database: Database) -> None:
    database.insert(rows(200))
    store = database.open(PLAN)
    store.init()
    store.refresh(now=NOW, since="2026-11-01")
    for at in ("294276-12-31T23:59:59Z", "infinity", "-infinity", "20000-01-01"):
        database.execute("INSERT INTO requests (ts, model) VALUES (%s::timestamptz, 'odd')", at)
    database.execute("INSERT INTO requests (ts, model) VALUES (NULL, 'odd'), ('2026-11-04T09:10:00Z', 'gpt')")
    store.refresh(now=NOW)
    assert count(database) == 201
    assert [each["status"] for each in store.check(now=NOW)["rollups"]] == ["fresh"] * 3
    assert sum(store.query("hours", bucket=None).column("requests")) == 201
    assert store.load("hours").stats()["rows"] == 201
    store.prune(now=NOW)


@pytest.mark.parametrize("unit", ["ms", "ns"])
def test_whole_numbers_that_are_no_time_stop_no_writer(database: Database, unit: str) -> None:
    database.execute("DROP TABLE requests")
    database.execute("CREATE TABLE requests (ts bigint, model text, user_id int, ms float, ok boolean)")
    plan = catalog(changes="trigger", columns={**COLUMNS, "ts": f"timestamp[{unit}]"})
    store = database.open(plan)
    store.init()
    scale = 1000 if unit == "ms" else 1_000_000_000
    for at in (2**63 - 1, -(2**63), 1_793_000_000 * scale):
        database.execute("INSERT INTO requests (ts, model) VALUES (%s, 'gpt')", at)
    assert database.execute("SELECT count(*) FROM isofold_changes WHERE start_us = 1793000000000000")[0][0] == 1


def test_a_refresher_that_does_not_see_every_row_is_refused(database: Database) -> None:
    psycopg = pytest.importorskip("psycopg")
    database.insert(rows(300))
    store = database.open(PLAN)
    store.init()
    store.refresh(now=NOW, since="2026-11-01")
    before = database.stored("hours")
    role, schema = f"r_{uuid.uuid4().hex}", database.execute("SELECT current_schema()")[0][0]
    database.execute(f"CREATE ROLE {role}")
    database.execute(f"GRANT USAGE ON SCHEMA {schema} TO {role}")
    database.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}")
    database.execute("ALTER TABLE requests ENABLE ROW LEVEL SECURITY")
    database.execute("CREATE POLICY part ON requests USING (model = 'gpt')")
    narrow = psycopg.connect(POSTGRES, autocommit=True, options=f"-csearch_path={schema}")
    narrow.execute(f"SET SESSION AUTHORIZATION {role}")
    restricted = isofold.stores.open(PLAN, narrow)
    with pytest.raises(isofold.StoreError, match="row-level security"):
        restricted.refresh(now=NOW, since="2026-11-01")
    state = restricted.check(now=NOW)["rollups"][0]
    assert state["status"] == "error" and "row-level security" in state["error"]
    # an answer is of the rows that the role may see
    assert sum(restricted.query("hours", start="2026-11-01T00:30:00Z", end="2026-11-01T00:50:00Z", bucket=None).column("requests")) > 0
    narrow.close()
    assert database.stored("hours") == before
    database.execute(f"DROP OWNED BY {role}")
    database.execute(f"DROP ROLE {role}")


def test_whoever_drops_tables_or_renames_the_time_goes_on_writing(database: Database) -> None:
    database.insert(rows(50))
    store = database.open(PLAN)
    store.init()
    store.refresh(now=NOW)
    database.execute("ALTER TABLE requests RENAME COLUMN ts TO at")
    for act in ("INSERT INTO requests (at, model) VALUES (now(), 'x')", "UPDATE requests SET model = 'y'", "DELETE FROM requests"):
        database.execute(act)
    assert store.check(now=NOW)["rollups"][0]["status"] == "error"
    for table in ("isofold_changes", "isofold_rollups", "isofold_runs", "isofold_schemas", "isofold_skipped", "isofold_version", "hours", "days", "berlin"):
        database.execute(f"DROP TABLE {table}")
        database.execute("INSERT INTO requests (at, model) VALUES (now(), 'x')")
        database.execute("TRUNCATE requests")


def test_a_name_with_the_quotes_of_a_body_stays_a_name(database: Database) -> None:
    name = 'odd $isofold$ "name" \' \\'
    quoted = name.replace('"', '""')
    database.execute(f'ALTER TABLE requests RENAME TO "{quoted}"')
    store = database.open(catalog(changes="trigger", table=name))
    store.init()
    store.init()
    database.execute(f'INSERT INTO "{quoted}" (ts, model) VALUES (\'2026-11-01T05:10:00Z\', \'gpt\')')
    store.refresh(now=NOW)
    assert count(database) == 1
    assert set(SELECT) <= {name for name, in database.execute("SELECT attname FROM pg_attribute WHERE attrelid = 'hours'::regclass")}
