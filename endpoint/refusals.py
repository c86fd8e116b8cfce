"""What went wrong into an HTTP answer: one line, a page with ways on for a browser that is lost, JSON for a program."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse

from fiscalkg.endpoint.gate import BusyError
from fiscalkg.endpoint.negotiate import accepts_html
from fiscalkg.endpoint.pages.lost import NOWHERE, lost_page
from fiscalkg.loader.errors import FiscalkgError, QueryError, QueryLimitError

__all__ = ["ProtocolError", "refusal"]

CHINESE = {
    400: "请求有误", 405: "不支持这种请求方法", 406: "没有所要的格式", 408: "请求没有及时传完", 413: "请求过大",
    415: "请求的媒体类型不对", 431: "请求头过大", 503: "暂时不能回答",
    **{status: zh for status, (zh, _) in NOWHERE.items()},
}  # fmt: skip


class ProtocolError(FiscalkgError):
    """A request that the protocol does not allow: ``status`` says which way, ``headers`` what goes with it."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        """Take the HTTP status and one line of what is wrong and what to do."""
        super().__init__(message)
        self.status = status
        self.headers = headers or {}


def refusal(request: Request, error: FiscalkgError) -> Response:
    """Return an error with line and column where it has them; JSON where that is asked for, HTML where nothing is."""
    status = _status(error)
    headers = {"Vary": "Accept", "Cache-Control": "no-store"}
    if isinstance(error, ProtocolError):
        headers |= error.headers
    if isinstance(error, BusyError):
        headers["Retry-After"] = str(error.retry)
    line, column = (error.line, error.column) if isinstance(error, QueryError) else (None, None)
    chinese = CHINESE.get(status, "出错了") + (f"（第 {line} 行第 {column} 列）" if line else "")
    if "json" in request.headers.get("accept", ""):
        problem = {"type": "about:blank", "status": status, "title": chinese, "detail": str(error)}
        place = {"line": line, "column": column} if line else {}
        return JSONResponse({**problem, **place}, status, headers, "application/problem+json")
    if status in NOWHERE and accepts_html(request.headers.get("accept")):
        return HTMLResponse(lost_page(status, str(error)), status, headers)
    english = f"line {line}, column {column}: " if line else ""
    return PlainTextResponse(f"{chinese} · {english}{error}\n", status, headers)


def _status(error: FiscalkgError) -> int:
    if isinstance(error, ProtocolError):
        return error.status
    # A limit met before the query ran (it has a place) is the query's fault; one met while it ran is ours to refuse.
    if isinstance(error, QueryLimitError):
        return 400 if error.line else 503
    return 400 if isinstance(error, QueryError) else 503
