"""The verbs, results and threads."""

from __future__ import annotations

import copy
import json
import pickle
import threading
import time
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from samples import SPEC, START, columns, folded, rows

import isofold


def test_merging_is_folding(digest: str) -> None:
    merged = folded(rows()[:200])
    merged.merge(folded(rows()[200:350]).encode())
    merged.merge(memoryview(folded(rows()[350:]).encode()))
    assert merged.digest() == digest
    doubled = folded(rows())
    doubled.merge(doubled)
    assert doubled.stats()["rows"] == 1000


def test_bytes_pickles_and_copies_are_the_rollup(digest: str) -> None:
    rollup = folded(rows())
    for same in (isofold.Rollup.decode(rollup.encode()), pickle.loads(pickle.dumps(rollup)), copy.deepcopy(rollup)):
        assert same.digest() == digest
        assert same.spec == rollup.spec


def test_pickles_keep_the_limit_of_groups() -> None:
    rollup = isofold.Rollup.decode(folded(rows()).encode(), max_groups=len(folded(rows())))
    again = pickle.loads(pickle.dumps(rollup))
    assert again.digest() == rollup.digest()
    later = {**rows()[0], "ts": START + timedelta(days=300)}
    with pytest.raises(isofold.LimitError):
        again.ingest([later])


def test_a_spec_is_a_dict_a_text_or_a_path(tmp_path: Path) -> None:
    path = tmp_path / "spec.json"
    path.write_text(json.dumps(SPEC))
    expected = isofold.Rollup(SPEC).digest()
    assert isofold.Rollup(json.dumps(SPEC)).digest() == expected
    assert isofold.Rollup(path).digest() == expected
    assert isofold.Rollup(str(path)).digest() == expected
    with pytest.raises(FileNotFoundError):
        isofold.Rollup("no such file.json")


def test_coarsening_is_folding_under_the_coarser_spec() -> None:
    coarse = folded(rows()).coarsen(bucket="1 day", group_by=[])
    expected = isofold.Rollup({**SPEC, "bucket": "1 day", "group_by": []})
    expected.ingest(rows())
    assert coarse.digest() == expected.digest()
    assert len(coarse) == 1


def test_times_are_datetimes_dates_or_texts(digest: str) -> None:
    rollup = folded(rows())
    edge = START + timedelta(hours=2)
    late = rollup.slice(edge)
    assert late.digest() == rollup.slice("2026-11-01T02:00:00Z").digest()
    assert late.digest() == rollup.slice(edge.astimezone(timezone(timedelta(hours=5, minutes=30)))).digest()
    assert late.digest() == rollup.slice(edge.replace(tzinfo=None), date(2026, 11, 5)).digest()
    rollup.replace(edge, None, isofold.Rollup(SPEC))
    assert rollup.digest() == folded([row for row in rows() if row["ts"] < edge]).digest()
    rollup.replace(edge, None, late.encode())
    assert rollup.digest() == digest
    groups = len(rollup)
    assert rollup.prune(edge) + len(rollup) == groups
    assert rollup.digest() == late.digest()


def test_results_are_rows_columns_and_arrow() -> None:
    result = folded(rows()).query(order_by=["bucket", "-n"], select=["n", "avg_ms", "fine", "counts"])
    dicts = result.to_dicts()
    assert len(result) == len(dicts) == len(list(result))
    assert result.columns == list(dicts[0]) == ["bucket", "model", "n", "avg_ms", "fine", "counts"]
    assert result.types["counts"] == "counts<string>"
    assert dicts[0]["bucket"] == START
    assert dicts[0]["bucket"].tzinfo is timezone.utc
    assert result.column("n") == [row["n"] for row in dicts]
    assert sum(result.column("n")) == 500
    assert dicts[0]["counts"] == [{"value": dicts[0]["model"], "count": dicts[0]["n"]}]


def test_a_query_is_keywords_a_dict_or_a_text() -> None:
    rollup = folded(rows())
    query = {"bucket": None, "group_by": ["model"], "select": {"n": "n", "half": "n / 2"}, "limit": 2}
    expected = rollup.query(query).to_dicts()
    assert rollup.query(**query).to_dicts() == expected  # type: ignore[arg-type]
    assert rollup.query(json.dumps(query)).to_dicts() == expected
    assert [row["half"] * 2 for row in expected] == [row["n"] for row in expected]


def test_a_result_is_a_table_of_pyarrow_polars_and_pandas() -> None:
    pa = pytest.importorskip("pyarrow")
    result = folded(rows()).query()
    table = pa.table(result)
    assert table.to_pylist() == result.to_dicts()
    assert table.schema.field("bucket").type == pa.timestamp("us", tz="UTC")
    pl = pytest.importorskip("polars")
    assert pl.DataFrame(result).height == len(result)
    assert pl.DataFrame(result)["p95"].to_list() == result.column("p95")
    pd = pytest.importorskip("pandas")
    assert list(pd.DataFrame(result.to_dicts())["n"]) == result.column("n")


def test_a_result_without_rows_keeps_its_columns() -> None:
    pa = pytest.importorskip("pyarrow")
    result = isofold.Rollup(SPEC).query()
    assert result.to_dicts() == []
    assert pa.table(result).num_rows == 0
    assert pa.table(result).column_names == result.columns


def test_gap_filling_and_windows() -> None:
    rollup = folded([row for row in rows() if row["ts"].hour != 2])
    filled = rollup.query(
        start=START, end=START + timedelta(hours=5), group_by=[], select=["n"], gapfill={"n": 0}
    ).to_dicts()
    assert [row["n"] == 0 for row in filled] == [False, False, True, False, False]
    windowed = rollup.query(
        start=START, end=START + timedelta(hours=5), bucket=None, group_by=[], select=["n"], windows={"last_2h": "2 hours"}
    ).to_dicts()
    assert windowed[0]["n_last_2h"] < windowed[0]["n"]


def test_stats_and_len() -> None:
    rollup = isofold.Rollup(SPEC)
    assert (len(rollup), bool(rollup), rollup.canonical) == (0, True, True)
    assert rollup.stats()["first_bucket"] is None
    rollup.ingest(rows())
    stats = rollup.stats()
    assert (stats["groups"], stats["rows"]) == (len(rollup), 500)
    assert stats["first_bucket"] == "2026-11-01T00:00:00Z"
    assert "requests_1hour" in repr(rollup)


def test_timestamps_with_units() -> None:
    spec = {**SPEC, "columns": {**SPEC["columns"], "ts": "timestamp[ms]"}}
    rollup = isofold.Rollup(spec)
    rollup.ingest([{**row, "ts": row["ts"].timestamp() * 1000} for row in rows(50)])
    assert rollup.query().column("bucket")[0] == datetime(2026, 11, 1, tzinfo=timezone.utc)


def test_other_threads_run_while_rows_are_folded() -> None:
    pa = pytest.importorskip("pyarrow")
    table = pa.table(columns(50_000))
    table = pa.concat_tables([table] * 40)
    rollup = isofold.Rollup(SPEC)
    done = threading.Event()

    def fold() -> None:
        rollup.ingest(table, threads=1)
        done.set()

    worker = threading.Thread(target=fold)
    beats = 0
    worker.start()
    while not done.is_set():
        beats += 1
        time.sleep(0.001)
    worker.join()
    assert rollup.stats()["rows"] == 2_000_000
    # with the GIL held, the loop would have run once or twice
    assert beats > 20


def test_one_rollup_is_shared_by_threads() -> None:
    rollup = isofold.Rollup(SPEC)
    parts = [rows()[i::8] for i in range(8)]
    threads = [threading.Thread(target=rollup.ingest, args=(part,)) for part in parts]
    threads += [threading.Thread(target=rollup.merge, args=(isofold.Rollup(SPEC),)), threading.Thread(target=rollup.query)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rollup.digest() == folded(rows()).digest()
