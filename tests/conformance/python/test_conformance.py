"""Runs the vectors, the data sets and the list of names over the installed package."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import isofold
import pytest
from cells import FORMS, answers, columns, data

ROOT = Path(__file__).resolve().parents[3]
VECTORS = ROOT / "tests/vectors"


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def cases() -> list[Any]:
    found = []
    for path in sorted(VECTORS.glob("*.json")):
        if path.stem == "data_sets":
            continue
        for case in read(path)["cases"]:
            if "python" in case.get("hosts", ["python"]):
                for form in case.get("forms", FORMS):
                    found.append(pytest.param(case, form, id=f"{path.stem}/{case['name']}/{form}"))
    return found


def wordless(report: dict[str, Any]) -> dict[str, Any]:
    """A report without the words of errors, which are not compared."""
    for problems in report["errors"].values():
        for row in problems["first"]:
            del row["message"]
    return report


class Run:
    """The rollups of a case while its steps run."""

    def __init__(self, case: dict[str, Any], form: str) -> None:
        self.specs = case["specs"]
        self.batches = case["batches"]
        self.form = FORMS[form]
        self.rollups: dict[str, Any] = {}

    def step(self, step: dict[str, Any]) -> dict[str, Any]:
        """What comes out of a step: the entries that it has in its file."""
        try:
            return getattr(self, step["do"])(step, self.rollups.get(step["on"])) or {}
        except isofold.Error as error:
            area = error.code.split(".")[0]
            assert type(error).__name__ == AREAS[area]
            assert error.message and error.problems[0] is error
            return {"error": [problem(each) for each in error.problems]}

    def new(self, step: dict[str, Any], _: Any) -> None:
        self.rollups[step["on"]] = isofold.Rollup(self.specs[step["spec"]])

    def ingest(self, step: dict[str, Any], rollup: Any) -> dict[str, Any]:
        given = self.form(self.batches[step["batch"]])
        outcome = rollup.ingest(given, **step.get("options", {}))
        return {"rows": outcome} if isinstance(outcome, int) else {"report": wordless(outcome)}

    def merge(self, step: dict[str, Any], rollup: Any) -> None:
        rollup.merge(self.rollups[step["with"]], **step.get("within", {}))

    def merge_bytes(self, step: dict[str, Any], rollup: Any) -> None:
        given = data(step["bytes"]) if "bytes" in step else self.rollups[step["of"]].encode()
        rollup.merge(given, **step.get("within", {}))

    def coarsen(self, step: dict[str, Any], rollup: Any) -> None:
        self.rollups[step["into"]] = rollup.coarsen(**step["options"])

    def slice(self, step: dict[str, Any], rollup: Any) -> None:
        self.rollups[step["into"]] = rollup.slice(step["start"], step["end"])

    def replace(self, step: dict[str, Any], rollup: Any) -> None:
        rollup.replace(step["start"], step["end"], self.rollups[step["with"]], **step.get("within", {}))

    def prune(self, step: dict[str, Any], rollup: Any) -> dict[str, Any]:
        return {"groups": rollup.prune(step["before"])}

    def recode(self, step: dict[str, Any], rollup: Any) -> None:
        self.rollups[step["into"]] = isofold.Rollup.decode(rollup.encode())

    def decode(self, step: dict[str, Any], _: Any) -> None:
        self.rollups[step["on"]] = isofold.Rollup.decode(data(step["bytes"]), **step.get("within", {}))

    def rows(self, _: dict[str, Any], rollup: Any) -> dict[str, Any]:
        return {"states": [state.hex() for state in rollup.rows().column("state")]}

    def from_rows(self, step: dict[str, Any], _: Any) -> None:
        if "of" in step:
            rows = self.rollups[step["of"]].rows()
        else:
            places = FORMS["rows"](self.batches[step["batch"]])
            rows = [{**place, "state": data(state)} for place, state in zip(places, step["states"])]
        spec, within = self.specs[step["spec"]], step.get("within", {})
        self.rollups[step["on"]] = isofold.Rollup.from_rows(spec, rows, **within)

    def merge_rows(self, step: dict[str, Any], rollup: Any) -> None:
        rollup.merge_rows(self.rollups[step["of"]].rows(), **step.get("within", {}))

    def same(self, step: dict[str, Any], rollup: Any) -> dict[str, Any]:
        return {"same": rollup.digest() == self.rollups[step["with"]].digest()}

    def check(self, step: dict[str, Any], rollup: Any) -> dict[str, Any]:
        # the memory behind a rollup is the one number that depends on the host
        stats = {key: value for key, value in rollup.stats().items() if key != "memory_bytes"}
        outcome = {"size": len(rollup), "digest": rollup.digest(), "stats": stats}
        return outcome | ({"bytes": rollup.encode().hex()} if "bytes" in step else {})

    def check_spec(self, _: dict[str, Any], rollup: Any) -> dict[str, Any]:
        return {"spec": rollup.spec, "canonical": rollup.canonical}

    def query(self, step: dict[str, Any], rollup: Any) -> dict[str, Any]:
        result = rollup.query(step["query"])
        outcome = {"columns": answers(result)}
        warnings = [{key: value for key, value in told.items() if key != "message"} for told in result.warnings]
        return outcome | ({"warnings": warnings} if warnings or "warnings" in step else {})


AREAS = read(ROOT / "bindings/facade/api.json")["python_exceptions"]


def problem(error: Any) -> dict[str, Any]:
    place = {"code": error.code, "path": error.path}
    return place if error.position is None else place | {"position": error.position}


@pytest.mark.parametrize(("case", "form"), cases())
def test_every_step_comes_out_as_written(case: dict[str, Any], form: str) -> None:
    run = Run(case, form)
    for index, step in enumerate(case["steps"]):
        outcome = run.step(step)
        expected = {key: step[key] for key in outcome if key in step}
        # the order of keys counts: it is the order of metrics
        assert json.dumps(outcome) == json.dumps(expected), f"step {index}: {step['do']}"
        assert ("error" in step) == ("error" in outcome), f"step {index}: {step['do']}"


@pytest.fixture(scope="session")
def rows_of_sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sets")
    command = ["cargo", "run", "--quiet", "--locked", "--package", "isofold-conformance", "--", "data", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, env=os.environ)
    return folder


@pytest.mark.parametrize("expected", read(VECTORS / "data_sets.json")["sets"], ids=lambda each: each["name"])
def test_a_data_set_has_one_digest(expected: dict[str, Any], rows_of_sets: Path) -> None:
    path = rows_of_sets / f"{expected['name']}.json"
    if not path.exists():
        pytest.skip("no data at $ISOFOLD_DATA or ../shared/data")
    table = columns(read(path))
    whole = isofold.Rollup(expected["spec"])
    assert whole.ingest(table) <= expected["rows"]
    assert (len(whole), whole.digest()) == (expected["size"], expected["digest"])
    merged = isofold.Rollup(expected["spec"])
    for part in (2, 1, 0):
        start, end = (expected["rows"] * at // 3 for at in (part, part + 1))
        rollup = isofold.Rollup(expected["spec"])
        rollup.ingest({name: cells[start:end] for name, cells in table.items()})
        merged.merge(rollup.encode() if part == 1 else rollup)
    assert merged.digest() == expected["digest"]


def test_the_exported_names_are_those_of_the_list() -> None:
    api = read(ROOT / "bindings/facade/api.json")
    listed = {each["python"] for each in api["classes"] + api["values"]} | set(AREAS.values())
    assert set(isofold.__all__) == listed - {None}


@pytest.mark.parametrize("listed", read(ROOT / "bindings/facade/api.json")["classes"], ids=lambda each: each["python"])
def test_the_members_of_a_class_are_those_of_the_list(listed: dict[str, Any]) -> None:
    members = {member["python"] for member in listed["members"]} - {None}
    found = {name for name in dir(sample(listed["python"])) if not name.startswith("_")}
    assert found == {name for name in members if not name.startswith("_")} | GIVEN.get(listed["python"], set())
    for name in members:
        assert hasattr(getattr(isofold, listed["python"]), name) or hasattr(sample(listed["python"]), name)


# what every exception has
GIVEN = {"Error": {"add_note", "args", "with_traceback"} if hasattr(Exception, "add_note") else {"args", "with_traceback"}}


def sample(name: str) -> Any:
    """An object of a class."""
    spec = {"name": "n", "columns": {"ts": "timestamp"}, "time": "ts", "bucket": "1 day", "select": {"n": "count(*)"}}
    rollup = isofold.Rollup(spec)
    with pytest.raises(isofold.Error) as raised:
        isofold.Rollup.decode(b"")
    return {"Rollup": rollup, "Result": rollup.query(), "Error": raised.value}[name]
