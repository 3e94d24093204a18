"""The routes of the wells.

Annotations are values here: FastAPI reads those of routes, and some are made of the settings.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from ..analytics import Page
from ..settings import Settings
from .answer import answer, route_class
from .health import Health, Monitoring, health, monitoring
from .models import ConditionRank, EfficiencyRank, HealthRank
from .service import Service, utc_now
from .taking import WELL_ID, Reading, Taken, to_readings, twice

ANALYTICS = "/api/v1/analytics"

Hours = Annotated[int, Query(ge=1, le=168, description="how many hours back the first one may begin")]
Days = Annotated[int, Query(ge=1, le=90, description="how many days back the first one may begin")]
Limit = Annotated[int, Query(ge=1, le=10_000, description="the most rows that are answered")]
DayLimit = Annotated[int, Query(ge=1, le=1000, description="the most rows that are answered")]
RankLimit = Annotated[int, Query(ge=1, le=500, description="the most wells that are answered")]
Offset = Annotated[int, Query(ge=0, le=1_000_000_000, description="how many rows come before the first one that is answered")]
WellPath = Annotated[str, Path(**WELL_ID, examples=["WELL-01"])]
WellQuery = Annotated[str, Query(**WELL_ID, examples=["WELL-01"])]

_FAILED: dict[int | str, dict[str, Any]] = {500: {"description": "the database failed"}}
_PAGED: dict[int | str, dict[str, Any]] = {
    **_FAILED,
    200: {
        "headers": {
            "X-Total-Count": {"description": "rows of all pages", "schema": {"type": "integer"}},
            "Link": {"description": "the previous and the next page", "schema": {"type": "string"}},
            "ETag": {"description": "the digest of the body", "schema": {"type": "string"}},
        }
    },
    304: {"description": "the rows are those that `If-None-Match` knows"},
}


def router(settings: Settings | None = None, clock: Callable[[], datetime] = utc_now) -> APIRouter:
    """Gives the routes, for ``app.include_router(router())``.

    The tables are made where they are missing. What runs beside the routes begins and ends with the application.

    - `settings`: Those of the environment when left out.
    - `clock`: What time it is.
    """
    settings = settings or Settings()
    service = Service(settings, clock)
    routes = APIRouter(route_class=route_class(service.metrics), lifespan=service.lifespan)
    _analytics(routes, service)
    _readings(routes, service)
    _operating(routes, service)
    return routes


def _analytics(routes: APIRouter, service: Service) -> None:
    answers, models = service.analytics, service.models

    def paged(path: str, model: type[BaseModel], summary: str) -> Any:
        return routes.get(
            ANALYTICS + path,
            response_model=list[model],  # type: ignore[valid-type]
            responses=_PAGED,
            summary=summary,
            tags=["analytics"],
        )

    @paged("/wells/{well_id}/hourly", models.hourly, "Readings of a well by hour, the newest first")
    async def hourly(request: Request, well_id: WellPath, hours: Hours = 24, limit: Limit = 1000, offset: Offset = 0) -> Response:
        page = Page(limit, offset)
        return answer(request, page, await answers.hourly(well_id, hours, page), models.hourly)

    @paged("/wells/{well_id}/daily", models.daily, "Readings of a well by day, the newest first")
    async def daily(request: Request, well_id: WellPath, days: Days = 30, limit: DayLimit = 365, offset: Offset = 0) -> Response:
        page = Page(limit, offset)
        return answer(request, page, await answers.daily(well_id, days, page), models.daily)

    @paged("/wells/{well_id}/performance", models.performance, "Scores of a well by hour, the newest first")
    async def performance(
        request: Request, well_id: WellPath, hours: Hours = 24, limit: Limit = 1000, offset: Offset = 0
    ) -> Response:
        page = Page(limit, offset)
        return answer(request, page, await answers.performance(well_id, hours, page), models.performance)

    @paged("/wells/{well_id}/condition", models.condition, "Mended scores of a well by hour, the newest first")
    async def condition(
        request: Request, well_id: WellPath, hours: Hours = 24, limit: Limit = 1000, offset: Offset = 0
    ) -> Response:
        page = Page(limit, offset)
        return answer(request, page, await answers.condition(well_id, hours, page), models.condition)

    @paged("/diagnostics/summary", models.diagnostics, "Diagnoses of a well by day, the newest first")
    async def diagnostic_summary(
        request: Request, well_id: WellQuery, days: Days = 30, limit: DayLimit = 365, offset: Offset = 0
    ) -> Response:
        page = Page(limit, offset)
        return answer(request, page, await answers.diagnostic_summary(well_id, days, page), models.diagnostics)

    @paged("/wells/performance/all", models.all_performance, "Scores of all wells by hour, the newest first, then the best")
    async def all_performance(request: Request, hours: Hours = 24, limit: Limit = 1000, offset: Offset = 0) -> Response:
        page = Page(limit, offset)
        return answer(request, page, await answers.all_performance(hours, page), models.all_performance)

    @paged("/wells/ranking/efficiency", EfficiencyRank, "Wells by the mean of their efficiency scores")
    async def efficiency_ranking(request: Request, hours: Hours = 24, limit: RankLimit = 50, offset: Offset = 0) -> Response:
        page = Page(limit, offset)
        return answer(request, page, await answers.efficiency_ranking(hours, page), EfficiencyRank)

    @paged("/wells/ranking/health", HealthRank, "Wells by the mean of their health scores")
    async def health_ranking(request: Request, hours: Hours = 24, limit: RankLimit = 50, offset: Offset = 0) -> Response:
        page = Page(limit, offset)
        return answer(request, page, await answers.health_ranking(hours, page), HealthRank)

    @paged("/wells/ranking/weighted", ConditionRank, "Wells by their mended efficiency, each reading counting the same")
    async def weighted_ranking(request: Request, hours: Hours = 24, limit: RankLimit = 50, offset: Offset = 0) -> Response:
        page = Page(limit, offset)
        return answer(request, page, await answers.weighted_ranking(hours, page), ConditionRank)

    @routes.get(
        ANALYTICS + "/live",
        response_class=StreamingResponse,
        responses={200: {"description": "events `hours` with the scores of new hours", "content": {"text/event-stream": {}}}},
        summary="Hours of all wells as they are built",
        tags=["analytics"],
    )
    async def live(last_event_id: Annotated[datetime | None, Header()] = None) -> StreamingResponse:
        headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
        return StreamingResponse(service.live.listen(last_event_id), media_type="text/event-stream", headers=headers)


def _readings(routes: APIRouter, service: Service) -> None:
    batch = Annotated[list[Reading], Body(), Field(min_length=1, max_length=service.settings.max_readings)]

    @routes.post("/telemetry", responses=_FAILED, summary="Takes a batch of readings, all or none", tags=["telemetry"])
    async def telemetry(readings: batch) -> Taken:  # type: ignore[valid-type]
        if rows := twice(readings):
            first, second = rows
            message = f"the readings {first} and {second} are of one well and time"
            raise RequestValidationError([{"type": "duplicate", "loc": ("body", second), "msg": message, "input": None}])
        written = await asyncio.to_thread(service.database.write, to_readings(readings))
        for became, count in written._asdict().items():
            service.metrics.readings.labels(became).inc(count)
        return Taken(received=len(readings), **written._asdict())


def _operating(routes: APIRouter, service: Service) -> None:
    @routes.get("/health", summary="Whether the database answers, and how fresh the rollups are", tags=["operating"])
    async def how_healthy(response: Response) -> Health:
        told = await health(service.stores, service.clock())
        response.status_code = 200 if told.status != "failed" else 503
        return told

    @routes.get("/monitoring", responses=_FAILED, summary="Rows, first and last bucket, last and next refresh", tags=["operating"])
    async def monitored() -> list[Monitoring]:
        return await monitoring(service.stores, service.clock())

    @routes.get("/metrics", responses=_FAILED, response_class=Response, summary="Metrics for Prometheus", tags=["operating"])
    async def metrics() -> Response:
        told = await health(service.stores, service.clock())
        text = service.metrics.text([rollup.model_dump() for rollup in told.rollups])
        return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")
