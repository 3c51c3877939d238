"""A call of the API, and the row of the table of methods that answers it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from dashboard.api_access import Access, Caller
from dashboard.api_formats import Answer
from dashboard.api_parameters import Parameters
from dashboard.surroundings import Surroundings
from sql.clickhouse import Database
from sql.registry import Registry


@dataclass(frozen=True, slots=True)
class Call:
    """One use of a method by somebody who may."""

    caller: Caller
    parameters: Parameters
    registry: Registry
    sites: tuple[int, ...]  # What the call is about; none: no site, or all that the caller may see.
    surroundings: Surroundings
    database: Database
    now: datetime

    @property
    def site(self) -> int:
        """The one site that the call is about, 0 if there is none."""
        return self.sites[0] if self.sites else 0


@dataclass(frozen=True, slots=True)
class Method:
    """A row of the table of methods; whatever `answer` raises of ApiError or RegistryError is told to the caller."""

    name: str  # Such as `Goals.addGoal`.
    access: Access
    answer: Callable[[Call], Answer]
    changes: bool = False  # Changes what hits are read with: those that wait are loaded first.
