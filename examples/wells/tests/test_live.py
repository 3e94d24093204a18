"""Hours as they are built, and the schedule that builds them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import truth
from conftest import NOW_US
from pydantic import SecretStr

from wells.database import Database
from wells.service.service import Service
from wells.settings import Settings
from wells.simulator import Field

NOW = truth.instant(NOW_US)


class Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def service(database: Database, clock: Clock) -> Service:
    return Service(Settings(database_url=SecretStr(database.target), poll_seconds=0.05), clock)


async def event(stream: AsyncIterator[str]) -> tuple[str, list[dict[str, Any]]]:
    """The next event: its id and its rows."""
    while True:
        text = await asyncio.wait_for(anext(stream), 30)
        lines = dict(line.split(": ", 1) for line in text.strip().split("\n"))
        if "id" in lines:
            assert lines["event"] == "hours"
            return lines["id"], json.loads(lines["data"])


def test_who_listens_is_told_of_each_new_hour_once(database: Database, field: Field) -> None:
    database.write(field.final())
    clock = Clock(NOW - timedelta(hours=4))
    for store in database.stores():
        with store:
            store.refresh(now=clock.now)

    async def listen() -> None:
        made = service(database, clock)
        async with made.lifespan(None):
            stream = made.live.listen(None)
            assert (await anext(stream)).startswith(":")
            while made.live._watermark is None:
                await asyncio.sleep(0.02)
            first = made.live._watermark
            clock.now += timedelta(hours=1)
            identity, rows = await event(stream)
            assert datetime.fromisoformat(identity) == first + timedelta(hours=1)
            assert {datetime.fromisoformat(row["bucket"]) for row in rows} == {first}
            must, _, _ = truth.hours(field.final())
            assert {row["well_id"]: row["reading_count"] for row in rows} == {
                well: group["reading_count"] for (at, well), group in must.items() if at == first
            }
            await stream.aclose()
            assert made.live._listeners == set()
            # who comes back is told what it missed, and then goes on
            clock.now += timedelta(hours=2)
            while made.live._watermark == datetime.fromisoformat(identity):
                await asyncio.sleep(0.02)
            again = made.live.listen(datetime.fromisoformat(identity))
            last, rows = await event(again)
            assert {datetime.fromisoformat(row["bucket"]) for row in rows} == {first + timedelta(hours=it) for it in (1, 2)}
            assert datetime.fromisoformat(last) == first + timedelta(hours=3)
        # the end of the application ends the streams
        assert [text async for text in again] == []

    asyncio.run(listen())


def test_the_schedule_refreshes_what_is_due_and_prunes(database: Database, field: Field) -> None:
    database.write(field.final())
    database.diagnose(field.diagnoses)
    clock = Clock(NOW)

    async def follow() -> None:
        made = service(database, clock)
        await made.schedule.once()
        told = {rollup["name"]: rollup for store in made.stores for rollup in (await store.check(now=NOW))["rollups"]}
        assert {rollup["status"] for rollup in told.values()} == {"fresh"}
        runs = len(await made.telemetry.runs())
        clock.now += timedelta(minutes=14)
        await made.schedule.once()
        assert len(await made.telemetry.runs()) == runs
        # a quarter of an hour after the first, three of hours are due, and the day is not
        clock.now += timedelta(minutes=1)
        await made.schedule.once()
        assert len(await made.telemetry.runs()) == runs + 3
        clock.now += timedelta(days=40)
        await made.schedule.once()
        assert database.select("SELECT count(*) FROM esp_telemetry")[0][0] < len(field.final())
        for store in made.stores:
            await store.close()
        made.database.close()

    asyncio.run(follow())
