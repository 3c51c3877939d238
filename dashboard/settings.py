"""What an operator may set about the dashboard."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from sql.clickhouse import Limits
from sql.entries import is_web_address
from sql.settings import BadSetting


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of the dashboard."""

    dashboard_listen: Annotated[str, "Private address of the dashboard, host:port."] = "127.0.0.1:8001"
    session_hours: Annotated[int, "Hours after which people have to sign in again."] = 168
    collector_url: Annotated[str, "Address at which websites reach the collectors; shown in the tracking code."] = (
        "http://127.0.0.1:8000"
    )
    query_seconds: Annotated[float, "Longest that the questions of one request may take ClickHouse."] = 30.0
    query_memory_mb: Annotated[int, "Most memory that one question may take, in megabytes."] = 2000
    query_rows: Annotated[int, "Most rows that one question may have as its answer."] = 1_000_000
    queries_at_once: Annotated[int, "Requests that ask ClickHouse at the same time; others wait."] = 4
    queries_waiting: Annotated[int, "Requests that wait until they may ask; more are refused with 503."] = 64
    api_requests_per_minute: Annotated[int, "Requests that one token may make of /api/v1 in a minute."] = 600

    def __post_init__(self) -> None:
        if self.session_hours < 1:
            raise BadSetting("PEGEL_SESSION_HOURS", self.session_hours, "at least 1 hour")
        if not is_web_address(self.collector_url):
            expected = "an address such as https://stats.example.org"
            raise BadSetting("PEGEL_COLLECTOR_URL", self.collector_url, expected)

        for name in ("query_memory_mb", "query_rows", "queries_at_once", "api_requests_per_minute"):
            if getattr(self, name) < 1:
                raise BadSetting(f"PEGEL_{name.upper()}", getattr(self, name), "at least 1")
        if self.query_seconds <= 0:
            raise BadSetting("PEGEL_QUERY_SECONDS", self.query_seconds, "more than 0 seconds")
        if self.queries_waiting < 0:
            raise BadSetting("PEGEL_QUERIES_WAITING", self.queries_waiting, "0 or more")

    @property
    def query_limits(self) -> Limits:
        return Limits(seconds=self.query_seconds, memory=self.query_memory_mb * 1_000_000, rows=self.query_rows)

    @property
    def session_lifetime(self) -> timedelta:
        return timedelta(hours=self.session_hours)
