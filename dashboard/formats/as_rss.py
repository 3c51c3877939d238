"""Answers about several dates as a feed (RSS): an item for each date, the newest first."""

import re
from datetime import UTC, date, datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape

from dashboard.api_parameters import ApiError, Parameters
from dashboard.formats.as_csv import csv_error
from dashboard.formats.as_html import table_of
from dashboard.formats.as_xml import HEAD, NOT_XML
from dashboard.formats.shapes import Answer
from dashboard.formats.tabular import grid_of
from dashboard.reporting.table import ResultMap

FIRST_DAY = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", re.ASCII)

rss_error = csv_error


class NoFeed(ApiError):
    """Raised if an answer is not about one site and several dates."""

    def __init__(self) -> None:
        super().__init__(
            "RSS feeds can be generated for one specific website and several dates, as in idSite=1&date=last10."
        )


def rss_of(answer: Answer, parameters: Parameters) -> str:
    """Raises NoFeed."""
    if not isinstance(answer, ResultMap) or answer.key != "date":
        raise NoFeed
    items = (item(key, entry, parameters) for key, entry in reversed(answer.entries.items()))
    title = text(f"{parameters.text('method')} of website {parameters.text('idSite')}")
    head = f"<title>{title}</title>\n<link>index.php</link>\n<description>{title}</description>"
    return f'{HEAD}<rss version="2.0">\n<channel>\n{head}\n{"".join(items)}</channel>\n</rss>'


def item(key: str, entry: Answer, parameters: Parameters) -> str:
    table = table_of(grid_of(entry, parameters.flag("translateColumnNames")))
    published = f"<pubDate>{published_on(key)}</pubDate>\n" if FIRST_DAY.match(key) else ""
    name = " ".join((parameters.text("method"), parameters.text("idSite"), key))
    guid = f'<guid isPermaLink="false">{text(name)}</guid>'
    return f"<item>\n<title>{text(key)}</title>\n{guid}\n{published}<description>{text(table)}</description>\n</item>\n"


def published_on(key: str) -> str:
    """Return the first day of a period as feeds write it."""
    found = FIRST_DAY.match(key)
    assert found is not None
    day = date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
    return format_datetime(datetime(day.year, day.month, day.day, tzinfo=UTC))


def text(value: str) -> str:
    return escape(NOT_XML.sub("", value))
