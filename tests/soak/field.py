"""One database of a soak: its writers, its refreshers, and who disturbs them."""

from __future__ import annotations

import contextlib
import json
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from judge import WIDTHS, Moment
from world import COLUMNS, Rows, catalog, connect, other

import isofold
import isofold.stores

FOLDER = Path(__file__).parent

#: What a refresher may fail with: a connection that was cut, a lock that others hold, a catalog that changed.
EXPECTED = ("store.database", "store.busy", "store.version", "store.table", "refresh.rollup")


def whole(at: datetime | None, name: str) -> datetime | None:
    """The first edge of a bucket from a time on: part of the one before is dropped."""
    if at is None:
        return None
    beside = (at - datetime(2020, 1, 1, tzinfo=timezone.utc)) % WIDTHS[name]
    return at if not beside else at - beside + WIDTHS[name]


class Field:
    def __init__(self, kind: str, target: str, folder: Path, nodes: int) -> None:
        self.kind = kind
        self.target = target
        self.random = random.Random(kind)
        self.counts: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.frozen: dict[str, dict[Any, bytes]] = {}
        self.edit = 0
        self.started = 0
        self.plan = folder / f"{kind}.json"
        self.plan.write_text(json.dumps(catalog()))
        self.second = folder / f"{kind}-second.json"
        self.second.write_text(json.dumps(other()))
        self.eye = Rows(kind, connect(kind, target, "soak-judge"), 0)
        self.eye.make()
        self.again(lambda: self.open().init())
        self.again(lambda: self.open(other()).init())
        self.is_over = threading.Event()
        # each writer has its own while it writes, and the judge has all of them
        self.turns = [threading.Lock() for _ in range(3)]
        self.writers = [threading.Thread(target=self.keep_writing, args=(seed, turn)) for seed, turn in enumerate(self.turns)]
        for writer in self.writers:
            writer.start()
        script = [sys.executable, str(FOLDER / "refresher.py")]
        self.commands = [[*script, str(self.plan), target], [*script, str(self.plan), target], [*script, str(self.second), target]]
        self.commands += [["node", str(FOLDER / "refresher.mjs"), str(self.plan), target]] * nodes
        self.processes = [self.start(place) for place in range(len(self.commands))]

    def open(self, plan: Any = None) -> isofold.stores.Store:
        return isofold.stores.open(catalog(self.edit) if plan is None else plan, self.target)

    def start(self, place: int) -> subprocess.Popen[str]:
        self.started += 1
        process = subprocess.Popen([*self.commands[place], str(self.started)], stdout=subprocess.PIPE, text=True)
        host = "node" if self.commands[place][0] == "node" else "python"
        threading.Thread(target=self.listen, args=(process, host), daemon=True).start()
        return process

    def listen(self, process: subprocess.Popen[str], host: str) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            try:
                told = json.loads(line)
            except ValueError:
                # the last line of who was killed
                continue
            if "did" in told:
                self.counts[f"{told['did']}, {host}"] += 1
            elif told["failed"] in EXPECTED:
                self.counts["failures of refreshers that are expected"] += 1
            else:
                self.problem(f"a refresher failed with {told}")

    def keep_writing(self, seed: int, turn: threading.Lock) -> None:
        rows = None
        while not self.is_over.is_set():
            try:
                if rows is None:
                    rows = Rows(self.kind, connect(self.kind, self.target, "soak-writer"), seed + self.started)
                with turn:
                    kind = rows.write()
                self.counts[f"transactions of writers, {kind}"] += 1
            except Exception as error:
                # a connection that was ended, a deadlock between writers, or a snapshot that is too old
                text = str(error)
                known = ("terminat", "deadlock", "could not serialize", "connection", "SSL", "closed")
                if not any(word in text for word in known):
                    self.problem(f"a writer failed: {type(error).__name__} {text}")
                self.counts["failures of writers that were ended"] += 1
                rows = None
            time.sleep(0.01 + 0.05 * random.random())

    def again(self, act: Callable[[], Any]) -> Any:
        """What may be cut or have to wait is tried again."""
        for _ in range(30):
            try:
                return act()
            except isofold.Error as error:
                failed = error
                time.sleep(0.3)
        raise failed

    def live(self, seconds: float) -> None:
        """Lets everybody work, and disturbs them."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            kind = self.random.random()
            if kind < 0.25:
                place = self.random.randrange(len(self.processes))
                self.processes[place].send_signal(signal.SIGKILL)
                self.processes[place].wait()
                self.processes[place] = self.start(place)
                self.counts["refreshers killed"] += 1
            elif kind < 0.5 and self.kind == "postgres":
                ended = self.eye.run(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                    " AND application_name <> 'soak-judge' AND backend_type = 'client backend'"
                    " AND datname = current_database() ORDER BY random() LIMIT 1"
                )
                self.counts["backends ended"] += len(ended)
            elif kind < 0.6:
                self.edit += 1
                self.plan.write_text(json.dumps(catalog(self.edit)))
                self.again(lambda: self.open().init())
                self.counts["changes of the catalog"] += 1
            time.sleep(self.random.random() * 2)

    def names(self) -> list[str]:
        return [rollup["spec"]["name"] for rollup in catalog(self.edit)["rollups"]] + ["quarters"]

    def judge(self) -> None:
        with contextlib.ExitStack() as turns:
            for turn in self.turns:
                turns.enter_context(turn)
            now = datetime.now(timezone.utc)
            self.compare(self.statuses(), now)
            for plan in (None, other()):
                self.again(lambda plan=plan: self.open(plan).refresh())
            self.compare({name: "built" for name in self.names()}, now)
            # now that nobody writes, most are fresh
            self.compare(self.statuses(), now)
        self.counts["comparisons"] += 3

    def statuses(self) -> dict[str, str]:
        checked = [self.again(lambda plan=plan: self.open(plan).check())["rollups"] for plan in (None, other())]
        return {each["name"]: each["status"] for rollups in checked for each in rollups}

    def compare(self, statuses: dict[str, str], now: datetime) -> None:
        moment = Moment(self.eye, self.names())
        for name, status in statuses.items():
            if status == "fresh":
                self.counts["rollups that were fresh"] += 1
            # what a clock that was ahead built is looked at when it is time
            wrong = [bucket for bucket in moment.wrong(name) if status == "fresh" or bucket + WIDTHS[name] <= now]
            if status in ("fresh", "built") and wrong:
                self.problem(f"{name} is {status}, and differs in {len(wrong)} buckets, the first is {wrong[0]}")
            kept = moment.frozen(name)
            for group, state in self.frozen.get(name, {}).items():
                if kept.get(group) != state:
                    self.problem(f"{name} lost {group}, whose rows were dropped")
            if name in self.frozen or kept:
                self.frozen[name] = kept

    def end(self) -> None:
        """Everything is built again by a clock that is right, and is the same byte for byte."""
        self.stop()
        now = datetime.now(timezone.utc)
        for plan, name in ((catalog(self.edit), "hours"), (other(), "quarters")):
            with self.open(plan) as store:
                self.again(store.refresh)
                self.again(lambda: store.refresh(since="2000-01-01", now=now))  # noqa: B023
                moment = Moment(self.eye, [name])
                watermark, dropped, rows_dropped = moment.known[name]
                # a clock that was ahead has built what is not over
                end = watermark if watermark is not None and watermark <= now else now.replace(minute=0, second=0, microsecond=0)
                start = whole(max(filter(None, (dropped, rows_dropped)), default=None), name)
                [spec] = [rollup["spec"] for rollup in plan["rollups"] if rollup["spec"]["name"] == name]
                folded = isofold.Rollup({**spec, "columns": COLUMNS, "time": "ts"})
                folded.ingest([dict(zip(("ts", "model", "user_id", "ms"), row)) for row in moment.rows])
                if store.load(name, start, end).digest() != folded.slice(start, end).digest():
                    self.problem(f"at the end {name} has other bytes than its rows from {start} to {end}")
                self.counts["tables with the bytes of their rows at the end"] += 1
        self.compare({name: "built" for name in self.names()}, now)

    def stop(self) -> None:
        self.is_over.set()
        for process in self.processes:
            process.kill()
            process.wait()
        for writer in self.writers:
            writer.join()

    def figures(self) -> dict[str, int]:
        [(rows,)] = self.eye.run("SELECT count(*) FROM requests")
        return {**self.counts, "rows at the end": rows, "what was wrong": len(self.wrong)}

    def problem(self, text: str) -> None:
        print(f"wrong: {self.kind}: {text}", flush=True)
        self.wrong.append(f"{self.kind}: {text}")

    def told(self) -> str:
        does = sum(count for name, count in self.counts.items() if name.startswith("refresh,"))
        writes = sum(count for name, count in self.counts.items() if name.startswith("transactions"))
        return f"{self.kind}: {writes:,} writes, {does:,} refreshes, {self.counts['comparisons']} comparisons, {len(self.wrong)} wrong"
