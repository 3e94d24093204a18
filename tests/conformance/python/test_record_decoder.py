"""The records in a store's tables, read by the second decoder: each is its group of the rollup, and of no other row."""

import sqlite3
from datetime import datetime, timedelta, timezone

import pytest
from format_decoder import decode, decode_record
from format_reader import Refused

import isofold.stores

START = datetime(2026, 11, 1, tzinfo=timezone.utc)
COLUMNS = {"ts": "timestamp", "model": "string", "tier": "int64", "paid": "bool", "rate": "float64", "ms": "float64"}
SPEC = {
    "name": "hours",
    "bucket": "1 hour",
    "group_by": ["model", "tier", "paid", "rate"],
    "select": {
        "n": "count(*)",
        "spread": "stddev_samp(ms)",
        "total": "sum(tier)",
        "low": "min(model)",
        "p95": "approx_percentile(0.95, percentile_agg(ms))",
        "users": "approx_count_distinct(ms)",
        "top": "mode(model)",
        "latest": "last(ms, ts)",
        "sample": "exemplar(model, 2)",
        "fine": "bool_and(paid)",
    },
}


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    path = tmp_path_factory.mktemp("records") / "app.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE requests (ts TEXT, model TEXT, tier INTEGER, paid INTEGER, rate REAL, ms REAL)")
    rows = [
        (
            (START + timedelta(seconds=29 * i)).isoformat(),
            None if i % 5 == 0 else ["gpt", "möbius"][i % 2],
            None if i % 7 == 0 else -(i % 3),
            None if i % 11 == 0 else i % 2,
            None if i % 13 == 0 else -0.5 * (i % 2),
            i / 7,
        )
        for i in range(600)
    ]
    connection.executemany("INSERT INTO requests VALUES (?, ?, ?, ?, ?, ?)", rows)
    connection.commit()
    catalog = {"source": {"table": "requests", "columns": COLUMNS, "time": "ts"}, "rollups": [{"spec": SPEC}]}
    with isofold.stores.open(catalog, str(path)) as store:
        store.init()
        store.refresh(now="2026-12-01")
        rollup = decode(store.load("hours").encode())
    found = connection.execute("SELECT bucket, model, tier, paid, rate, state FROM hours").fetchall()
    epoch = datetime(1970, 1, 1, tzinfo=timezone.utc)
    micros = [(datetime.fromisoformat(row[0].replace("Z", "+00:00")) - epoch) // timedelta(microseconds=1) for row in found]
    keys = [[row[1], row[2], None if row[3] is None else bool(row[3]), row[4]] for row in found]
    return rollup, list(zip(micros, keys, [row[5] for row in found]))


def place(bucket, keys):
    return bucket, tuple(keys)


def test_every_record_is_its_group_of_the_rollup(stored):
    rollup, records = stored
    groups = {place(group["bucket"], group["keys"]): group["states"] for group in rollup["groups"]}
    assert len(records) == len(groups) > 100
    for bucket, keys, record in records:
        assert decode_record(record, rollup, bucket, keys) == groups[place(bucket, keys)]


def test_a_record_is_refused_in_another_row(stored):
    rollup, records = stored
    (bucket, keys, record), (other_bucket, other_keys, _) = records[0], records[-1]
    for wrong in ((other_bucket, keys), (bucket, other_keys)):
        with pytest.raises(Refused, match="checksum"):
            decode_record(record, rollup, *wrong)
    with pytest.raises(Refused, match="schema"):
        decode_record(record, rollup | {"fingerprints": {2: "0" * 64}}, bucket, keys)
