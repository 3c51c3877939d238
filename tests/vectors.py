"""What a test vector is: requests with their times, the answers to them, and the rows that they leave."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from ingest.endpoint import GIF, INFO
from tests.tracked import OTHER_VISITOR, VISITOR

# They stand in queries and bodies for what each test has of its own.
SITE = "{SITE}"
OTHER_SITE = "{OTHER}"
TOKEN = "{TOKEN}"  # Role write, of the site.
SUPERUSER = "{SUPERUSER}"
A, B = VISITOR, OTHER_VISITOR
NUMBER_OF_A, NUMBER_OF_B = int(A, 16), int(B, 16)
UNKNOWN_SITE = 99
PAGE = "https://example.org/"
ORIGIN = "https://example.org"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
FORM = "application/x-www-form-urlencoded"
MINUTE, HOUR, DAY = 60, 3600, 86_400

Row = dict[str, Any]
Rows = tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is expected of an answer; a header that is None must be absent, a body that is None may be any."""

    status: int = 200
    headers: Mapping[str, str | None]
    body: bytes | None = None


IMAGE = Answer(headers={"content-type": "image/gif"}, body=GIF)
NO_IMAGE = Answer(status=204, headers={}, body=b"")
REFUSED = Answer(status=400, headers={"content-type": "image/gif"}, body=GIF + INFO)
NOTHING_SENT = Answer(status=400, headers={"content-type": "text/html; charset=UTF-8"}, body=INFO)


def ignored(reason: str) -> Answer:
    """Return the answer to what is not counted: that of success, with the reason beside it."""
    return Answer(headers={"content-type": "image/gif", "x-pegel": f"ignored: {reason}"}, body=GIF)


def refused(parameter: str) -> Answer:
    return Answer(status=400, headers={"x-pegel": f"refused: {parameter}"}, body=GIF + INFO)


def told(content: str, status: int = 200) -> Answer:
    """Return the answer to a bulk request."""
    return Answer(status=status, headers={"content-type": "application/json"}, body=content.encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One request."""

    after: float = 0  # Seconds after noon.
    method: str = "GET"
    path: str = "/matomo.php"
    query: str = ""
    body: bytes | None = None
    headers: Mapping[str, str]
    answer: Answer | None = IMAGE


def request(
    method: str, query: str = "", *, body: bytes | None = None, answer: Answer | None = IMAGE, **headers: str
) -> Step:
    """Return a request word by word; underscores in names of headers stand for hyphens."""
    return Step(method=method, query=query, body=body, headers=headers, answer=answer)


def hit(after: float = 0, /, *, answer: Answer | None = IMAGE, **parameters: object) -> Step:
    """Return a page view of the site's first page, changed by parameters; None drops one."""
    return Step(after=after, query=query_of(**parameters), headers={}, answer=answer)


def sent_with(headers: Mapping[str, str], answer: Answer = IMAGE, **parameters: object) -> Step:
    return Step(query=query_of(**parameters), headers=headers, answer=answer)


def query_of(**parameters: object) -> str:
    given = {"idsite": SITE, "rec": 1, "url": PAGE, **parameters}
    return urlencode({name: value for name, value in given.items() if value is not None}, safe="{}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector:
    """One case: what is sent to one site, and all that is in the tables afterwards; of a row, what matters here.

    Visits are all visits; of the other tables None means that nobody looks. Where there is no visit there is nothing.
    """

    number: int
    name: str
    steps: tuple[Step, ...]
    visits: Rows = ()
    hits: Rows | None = None
    conversions: Rows | None = None
    items: Rows | None = None
    timings: Rows | None = None
    visitors: int | None = None  # How many different ones the visits have.
    site: Mapping[str, Any] | None = None
    goals: tuple[Mapping[str, Any], ...] = ()
    elsewhere: tuple[Mapping[str, Any], ...] = ()  # Other sites.
    differs: str = ""  # From what a Matomo server does, and why.

    @property
    def id(self) -> str:
        return f"v{self.number:02}-{self.name}"
