"""Pages of rows with their digest, and routes that say what they did."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from isofold import Error
from pydantic import BaseModel, TypeAdapter

from ..analytics import Page, Rows
from ..database import FAILURES
from .metrics import Metrics

_log = logging.getLogger("wells.requests")


def answer(request: Request, page: Page, told: Rows, model: type[BaseModel]) -> Response:
    """The rows of a page as JSON: how many there are in all, where the next are, and what they are known by.

    Who has them already is answered with 304.
    """
    adapter = TypeAdapter(list[model])  # type: ignore[valid-type]
    body = adapter.dump_json(adapter.validate_python(told.rows))
    headers = {"X-Total-Count": str(told.total), "Cache-Control": "no-cache", "ETag": f'"{hashlib.sha256(body).hexdigest()}"'}
    if links := _links(request, page, told.total):
        headers["Link"] = links
    request.state.rows = len(told.rows)
    if _is_known(request.headers.get("if-none-match"), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


def _links(request: Request, page: Page, total: int) -> str:
    beside = {}
    if page.offset > 0:
        beside["prev"] = max(0, page.offset - page.limit)
    if page.offset + page.limit < total:
        beside["next"] = page.offset + page.limit
    urls = {name: request.url.include_query_params(limit=page.limit, offset=at) for name, at in beside.items()}
    return ", ".join(f'<{url}>; rel="{name}"' for name, url in urls.items())


def _is_known(given: str | None, etag: str) -> bool:
    tags = {tag.strip().removeprefix("W/") for tag in (given or "").split(",")}
    return "*" in tags or etag in tags


def route_class(metrics: Metrics) -> type[APIRoute]:
    """Routes that log and measure what they do, and answer failures of the database as such."""

    class MeasuredRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handler = super().get_route_handler()

            async def handle(request: Request) -> Response:
                began = time.perf_counter()
                status = 500
                try:
                    response = await handler(request)
                    status = response.status_code
                    return response
                except RequestValidationError:
                    status = 422
                    raise
                except HTTPException as error:
                    status = error.status_code
                    raise
                except (Error, *FAILURES) as error:
                    _log.exception("the database failed")
                    raise HTTPException(500, "Database error occurred") from error
                except Exception as error:
                    _log.exception("a request failed")
                    raise HTTPException(500, "Internal server error") from error
                finally:
                    seconds = time.perf_counter() - began
                    rows = getattr(request.state, "rows", 0)
                    metrics.requests.labels(request.method, self.path, status).observe(seconds)
                    metrics.rows.labels(self.path).inc(rows)
                    _log.info("%s %s: %d, %d rows, %.1f ms", request.method, self.path, status, rows, seconds * 1000)

            return handle

    return MeasuredRoute
