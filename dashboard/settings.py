"""What an operator may set about the dashboard."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

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

    def __post_init__(self) -> None:
        if self.session_hours < 1:
            raise BadSetting("PEGEL_SESSION_HOURS", self.session_hours, "at least 1 hour")
        if not is_web_address(self.collector_url):
            expected = "an address such as https://stats.example.org"
            raise BadSetting("PEGEL_COLLECTOR_URL", self.collector_url, expected)

    @property
    def session_lifetime(self) -> timedelta:
        return timedelta(hours=self.session_hours)
