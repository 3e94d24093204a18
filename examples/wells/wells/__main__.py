"""``python -m wells``: fills the database with wells, builds the rollups and serves.

``--test`` does so in a database of its own, unless ``DATABASE_URL`` names one, asks every route, and ends.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path

import uvicorn
from pydantic import SecretStr

from . import petrobras, trial
from .database import Database, connect
from .service import create_app
from .settings import Settings
from .simulator import simulate


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m wells", description=__doc__)
    parser.add_argument("--test", action="store_true", help="asks every route of the served application, and ends")
    parser.add_argument("--days", type=int, default=90, help="days that are simulated (90)")
    parser.add_argument("--wells", type=int, default=11, help="wells that are simulated (11)")
    parser.add_argument("--port", type=int, default=8000, help="the port of 127.0.0.1 (8000)")
    options = parser.parse_args()
    settings = Settings()
    if not options.test:
        fill(settings, options.days, options.wells)
        print(f"http://127.0.0.1:{options.port}/docs", flush=True)
        uvicorn.run(create_app(settings), host="127.0.0.1", port=options.port, log_level="info")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        if "database_url" not in settings.model_fields_set:
            settings = settings.model_copy(update={"database_url": SecretStr(str(Path(folder) / "wells.db"))})
        fill(settings, options.days, options.wells)
        return trial.run(settings)


def fill(settings: Settings, days: int, wells: int) -> None:
    """Makes the tables, wells where there are none yet, and builds the rollups."""
    database = connect(settings.database_url.get_secret_value())
    try:
        database.init()
        if not database.select("SELECT 1 FROM esp_telemetry LIMIT 1"):
            seed(database, settings, days, wells)
        build(database)
    finally:
        database.close()


def seed(database: Database, settings: Settings, days: int, wells: int) -> None:
    """Writes simulated wells up to now, as their readings came, and real ones where there are."""
    now_us = int(datetime.now(timezone.utc).timestamp()) * 1_000_000
    began = time.perf_counter()
    field = simulate(now_us, days, wells)
    written = [database.write(part) for part in (field.on_time, field.late, field.corrections)]
    database.diagnose(field.diagnoses)
    says = f"{sum(it.inserted for it in written):,} readings of {wells} simulated wells, {written[2].corrected:,} corrected"
    print(f"{says} ({time.perf_counter() - began:.1f} s)", flush=True)
    if not (settings.data / petrobras.FILE).is_file():
        print(f"no real wells: {settings.data / petrobras.FILE} is not there (ISOFOLD_DATA)", flush=True)
        return
    began = time.perf_counter()
    readings, diagnoses = petrobras.read(settings.data, now_us)
    inserted = database.write(readings).inserted
    database.diagnose(diagnoses)
    print(f"{inserted:,} readings of real wells ({time.perf_counter() - began:.1f} s)", flush=True)


def build(database: Database) -> None:
    """Builds what the rows cover."""
    for store in database.stores():
        with store:
            began = time.perf_counter()
            for rollup in store.refresh()["rollups"]:
                print(f"{rollup['name']}: {rollup['status']}, {rollup['groups_written']:,} groups", flush=True)
            print(f"built in {time.perf_counter() - began:.1f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
