"""The command line: its words, what it writes, and its exit codes."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from databases import COLUMNS, Database, catalog, rows, spec

from isofold import Rollup
from program import main


@pytest.fixture
def given(database: Database, tmp_path: Path) -> list[str]:
    database.insert(rows(1500))
    path = tmp_path / "catalog.json"
    path.write_text(json.dumps(catalog()), encoding="utf-8")
    return ["--catalog", str(path), "--database", database.target]


def told(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_a_store_is_kept_by_commands(given: list[str], capsys: pytest.CaptureFixture[str], database: Database) -> None:
    assert main(["refresh", *given]) == 1
    assert "store.table" in capsys.readouterr().err
    assert main(["init", "--json", *given]) == 0
    assert [each["status"] for each in told(capsys)] == ["made"] * 3
    assert main(["check", *given]) == 3
    assert "never" in capsys.readouterr().out
    assert main(["refresh", "--json", "--rollup", "hours", *given]) == 0
    (hours,) = told(capsys)
    assert hours["name"] == "hours" and hours["groups_written"] > 0
    assert main(["refresh", "--json", "--since", "2026-11-01", *given]) == 0
    assert [each["groups_written"] for each in told(capsys)][0] == 0
    assert main(["check", "--json", *given]) == 0
    assert {each["status"] for each in told(capsys)} == {"fresh"}
    assert main(["query", "hours", "--json", "--bucket", "none", "--group-by", "", "--select", "requests,users", *given]) == 0
    answer = told(capsys)
    assert answer["rows"] == [{"requests": 1500, "users": answer["rows"][0]["users"]}]
    assert main(["query", "hours", '{"bucket": "1 day", "select": ["requests"], "limit": 2}', *given]) == 0
    told_of = capsys.readouterr()
    assert told_of.out.splitlines()[0].split() == ["bucket", "model", "requests"] and told_of.err == ""
    with database.open(catalog()) as store:
        store.invalidate("2026-11-01", "2026-11-02")
    assert main(["query", "hours", '{"bucket": "1 day", "select": ["requests"]}', *given]) == 0
    assert "isofold: not known to be as the rows are: 2026-11-01T00:00:00Z to 2026-11-02T00:00:00Z" in capsys.readouterr().err
    assert main(["prune", *given]) == 0


def test_the_scheduler_remembers_over_restarts(given: list[str], capsys: pytest.CaptureFixture[str], database: Database) -> None:
    main(["init", *given])
    assert main(["run", "--rounds", "1", "--json", *given]) == 0
    capsys.readouterr()
    state = database.execute("SELECT refreshed_at FROM isofold_rollups WHERE name = 'hours'")
    assert main(["refresh", "--rollup", "days", "--rollup", "berlin", *given]) == 0
    # hours is due again in an hour: a restarted scheduler leaves it alone
    database.execute("UPDATE isofold_rollups SET refreshed_at = 0 WHERE name = 'days'")
    assert main(["run", "--rounds", "1", "--json", *given]) == 0
    assert database.execute("SELECT refreshed_at FROM isofold_rollups WHERE name = 'hours'") == state


def test_files_are_folded_inspected_and_merged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = {"columns": COLUMNS, "time": "ts", **spec("hours", "1 hour", ["model"])}
    (tmp_path / "spec.json").write_text(json.dumps(made), encoding="utf-8")
    data = [dict(zip(COLUMNS, row)) for row in rows(900)]
    with (tmp_path / "a.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(COLUMNS))
        writer.writeheader()
        writer.writerows({name: value.isoformat() if name == "ts" else value for name, value in row.items()} for row in data[:500])
    with (tmp_path / "b.ndjson").open("w", encoding="utf-8") as file:
        for row in data[500:]:
            file.write(json.dumps({**row, "ts": row["ts"].isoformat()}) + "\n")
    for name in ("a.csv", "b.ndjson"):
        assert main(["fold", str(tmp_path / name), "--spec", str(tmp_path / "spec.json"), "-o", str(tmp_path / f"{name}.isof")]) == 0
    merged = str(tmp_path / "all.isof")
    capsys.readouterr()
    assert main(["merge", "--json", str(tmp_path / "a.csv.isof"), str(tmp_path / "b.ndjson.isof"), "-o", merged]) == 0
    whole = Rollup(made)
    whole.ingest(data)
    assert told(capsys)[0]["digest"] == whole.digest()
    assert main(["inspect", "--json", merged]) == 0
    assert told(capsys)["stats"]["rows"] == 900


def test_problems_end_with_code_1_and_say_what_and_where(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ISOFOLD_DATABASE", raising=False)
    (tmp_path / "bad.isof").write_bytes(b"isof\x01")
    (tmp_path / "c.json").write_text('{"source": {"table": "t", "columns": {}, "time": "ts"}, "rollups": [{}]}', encoding="utf-8")
    for arguments, expected in (
        (["inspect", str(tmp_path / "bad.isof")], "decode.truncated"),
        (["inspect", str(tmp_path / "none.isof")], "No such file"),
        (["check", "--catalog", str(tmp_path / "c.json")], "host.argument"),
        (["check", "--catalog", str(tmp_path / "c.json"), "--database", str(tmp_path / "x.db")], "catalog.rollups[0].spec"),
    ):
        assert main(arguments) == 1
        assert expected in capsys.readouterr().err
    assert main(["refesh"]) == 2
