"""A panic on purpose, in a build that has them: an error with a code at every door, and no rollup that is poisoned."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import isofold

ROOT = Path(__file__).parents[3]

CHILD = '''
import threading
import isofold, isofold._isofold as module
from samples import SPEC, columns, folded, rows

def panics(act, words="on purpose"):
    try:
        act()
    except Exception as error:
        assert isinstance(error, isofold.HostError) and error.code == "host.panic" and words in error.message, repr(error)
        return error
    raise AssertionError("it did not panic")

at = module.break_at

CATALOG = {"source": {"table": "t", "columns": {"ts": "timestamp"}, "time": "ts"},
           "rollups": [{"spec": {"name": "h", "bucket": "1 hour", "select": {"n": "count(*)"}}}]}
rollup, other = folded(rows()), folded(rows(7))
result, blob, stored = rollup.query(), other.encode(), other.rows().to_dicts()
store = module.Store(CATALOG, "sqlite")
run = store.init({})
later = "2027-01-01T00:00:00Z"
doors = {
    "Rollup": {
        "__new__": lambda: isofold.Rollup(SPEC), "decode": lambda: isofold.Rollup.decode(blob), "from_rows": lambda: isofold.Rollup.from_rows(SPEC, stored), "merge_rows": lambda: other.merge_rows(stored),
        "ingest": lambda: rollup.ingest(rows(3)), "merge": lambda: rollup.merge(blob), "coarsen": lambda: rollup.coarsen(bucket="1 day"),
        "slice": lambda: rollup.slice(None, later), "replace": lambda: rollup.replace(None, None, other), "prune": lambda: rollup.prune(later),
        "encode": rollup.encode, "digest": rollup.digest, "query": rollup.query, "rows": rollup.rows, "stats": rollup.stats,
        "spec": lambda: rollup.spec, "canonical": lambda: rollup.canonical, "__len__": lambda: len(rollup), "__repr__": lambda: repr(rollup),
        "__reduce__": rollup.__reduce__,
    },
    "Result": {
        "to_dicts": result.to_dicts, "column": lambda: result.column("n"), "columns": lambda: result.columns, "types": lambda: result.types, "warnings": lambda: result.warnings, "total_rows": lambda: result.total_rows,
        "__len__": lambda: len(result), "__iter__": lambda: iter(result), "__repr__": lambda: repr(result), "__arrow_c_stream__": result.__arrow_c_stream__,
    },
    "Store": {
        "__new__": lambda: module.Store(CATALOG, "sqlite"), "names": lambda: store.names, "limit_memory": lambda: store.limit_memory(1),
        "schedule": store.schedule, "init": lambda: store.init({}), "plan": lambda: store.plan({"now": later}), "due": lambda: store.due({"now": later}), "runs": lambda: store.runs({}), "columns": lambda: store.columns({"rollup": "h"}), "refresh": lambda: store.refresh({"now": later}), "query": lambda: store.query({"rollup": "h", "query": {}}),
        "load": lambda: store.load({"rollup": "h"}), "check": lambda: store.check({"now": later}), "invalidate": lambda: store.invalidate({}), "reset": lambda: store.reset({"to": later}),
        "prune": lambda: store.prune({"now": later}), "note_failure": lambda: store.note_failure("h", "store.database", "no"),
        "drop": lambda: store.drop({}),
    },
    "Run": {"advance": lambda: run.advance([]), "fold": lambda: run.fold([]), "outcome": run.outcome, "progress": run.progress, "fail": lambda: run.fail("store.database", "no")},
}
for name, acts in doors.items():
    known = {door for door in vars(getattr(module, name)) if door not in ("__doc__", "__module__", "__bool__")}
    # these two are made by the module alone
    known -= {"__new__"} if name in ("Result", "Run") else set()
    missing = known - set(acts)
    assert not missing, f"{name}: no test of {missing}"
    for door, act in acts.items():
        at("call")
        try:
            panics(act)
        except AssertionError as error:
            raise AssertionError(f"{name}.{door}: {error}") from None
at("")
# what panicked before it changed anything
kept = folded(rows())
before = kept.digest()
for threads in (1, 2):
    for shape in (lambda: rows(), columns, lambda: columns(200_000)):
        at("fold")
        panics(lambda: kept.ingest(shape(), threads=threads))
        at("")
        assert kept.digest() == before
try:
    import pyarrow as pa
    many = pa.concat_tables([pa.table({name: values for name, values in columns(100).items()})] * 50)
    at("fold")
    panics(lambda: kept.ingest(many, threads=2))
    at("")
    assert kept.digest() == before
except ImportError:
    pass
assert kept.ingest(rows(3)) == 3
# what panicked while it changed something
for change in (lambda r: r.ingest(rows(3)), lambda r: r.merge(blob), lambda r: r.replace(None, None, other)):
    lost = folded(rows())
    at("change")
    panics(lambda: change(lost))
    at("")
    uses = (lost.digest, lost.encode, lambda: len(lost), lost.query, lambda: lost.ingest(rows(1)), lambda: lost.merge(blob), lambda: other.merge(lost), lambda: repr(lost))
    for use in uses:
        panics(use, "cannot be used any more")
    said = []
    thread = threading.Thread(target=lambda: said.append(panics(lost.digest, "cannot be used any more")))
    thread.start(); thread.join()
    assert said
assert other.digest() == folded(rows(7)).digest()
print("all doors hold")
'''


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package with a module that panics where it is told to."""
    if shutil.which("cargo") is None:
        pytest.skip("cargo is not there to build the module that panics")
    subprocess.run(["cargo", "build", "--quiet", "--package", "isofold-python", "--features", "faults"], cwd=ROOT, check=True)
    folder = tmp_path_factory.mktemp("faulty")
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug"
    built = next(path for path in (target / "lib_isofold.so", target / "lib_isofold.dylib", target / "_isofold.dll") if path.exists())
    shutil.copytree(Path(isofold.__file__).parent, folder / "isofold", ignore=shutil.ignore_patterns("_isofold.*.so", "_isofold*.pyd"))
    suffix = ".pyd" if built.suffix == ".dll" else ".abi3.so"
    shutil.copy(built, folder / "isofold" / f"_isofold{suffix}")
    return folder


def test_no_panic_leaves_a_door_and_no_lock_is_poisoned(faulty: Path) -> None:
    path = os.pathsep.join([str(faulty), str(Path(__file__).parent)])
    child = subprocess.run([sys.executable, "-c", CHILD], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path}, timeout=300)
    assert child.stdout.strip().endswith("all doors hold"), child.stderr[-3000:]


def test_the_package_itself_has_no_faults() -> None:
    assert not hasattr(isofold._isofold, "break_at")
