"""Refreshes, prunes, asks and checks until it is killed: refresher.py CATALOG TARGET SEED. A line of JSON for each."""

from __future__ import annotations

import json
import random
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import isofold.stores

catalog, target, seed = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
generator = random.Random(seed)


def clock() -> datetime:
    """What the clock of this machine says; one in eight is wrong by up to two days."""
    wrong = timedelta(days=generator.uniform(-2, 2)) if generator.random() < 0.12 else timedelta()
    return datetime.now(timezone.utc) + wrong


def once(store: isofold.stores.Store) -> str:
    kind = generator.random()
    if kind < 0.75:
        store.refresh(now=clock(), force=False)
        return "refresh"
    if kind < 0.82:
        # a clock that is ahead gives up what it says is old
        store.prune(now=min(clock(), datetime.now(timezone.utc)))
        return "prune"
    if kind < 0.92:
        store.query("hours" if "hours" in store.rollups else store.rollups[0], bucket=None, select=["n", "total"])
        return "query"
    store.check(now=clock())
    return "check"


while True:
    try:
        # a process that was not restarted keeps the catalog of before for a while
        with isofold.stores.open(json.loads(catalog.read_text()), target) as store:
            for _ in range(generator.randrange(3, 25)):
                print(json.dumps({"did": once(store)}), flush=True)
                time.sleep(generator.random() * 0.4)
    except isofold.Error as error:
        print(json.dumps({"failed": error.code, "text": str(error)}), flush=True)
        time.sleep(0.2)
