"""A call of the API, and the row of the table of methods that answers it."""

from collections.abc import Callable
from dataclasses import dataclass

from dashboard.api_access import Access, Caller
from dashboard.api_formats import Answer
from dashboard.api_parameters import Parameters
from sql.registry import Registry


@dataclass(frozen=True, slots=True)
class Call:
    """One use of a method by somebody who may."""

    caller: Caller
    parameters: Parameters
    registry: Registry
    site: int  # 0: the call is about no single site.
    preset: str  # Of new sites.


@dataclass(frozen=True, slots=True)
class Method:
    """A row of the table of methods; whatever `answer` raises of ApiError or RegistryError is told to the caller."""

    name: str  # Such as `Goals.addGoal`.
    access: Access
    answer: Callable[[Call], Answer]
    changes: bool = False  # Changes what hits are read with: those that wait are loaded first.
