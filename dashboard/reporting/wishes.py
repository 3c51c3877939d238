"""What a call wants of the tables that answer it, beside what they are about."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import regex

from dashboard.api_parameters import ApiError, BadParameter, Parameters
from sql.patterns import pattern_problem

PATTERN_SECONDS = 1.0  # For all rows of a call together.

Pattern = regex.Pattern[str]


class TooSlow(ApiError):
    """Raised if it takes too long to compare labels with a regular expression."""

    def __init__(self) -> None:
        super().__init__("This pattern takes too long; please ask with a simpler one.")


@dataclass(slots=True)
class Patience:
    """How long patterns may be looked for in all: somebody else's expression can take forever."""

    seconds: float = PATTERN_SECONDS
    clock: Callable[[], float] = time.monotonic

    def finds(self, pattern: Pattern, text: str) -> bool:
        """Tell whether a text matches. Raises TooSlow."""
        began = self.clock()
        try:
            return pattern.search(text, timeout=max(self.seconds, 0.001)) is not None
        except (TimeoutError, MemoryError):
            raise TooSlow from None
        finally:
            self.seconds -= self.clock() - began


@dataclass(frozen=True, slots=True)
class Wishes:
    """The parameters of a call, its patience, and the currency of each site."""

    parameters: Parameters
    patience: Patience = field(default_factory=Patience)
    currencies: Mapping[int, str] = field(default_factory=dict)

    def has(self, flag: str) -> bool:
        """Raises BadParameter."""
        return self.parameters.flag(flag)

    @property
    def labels(self) -> list[str]:
        return [value for value in self.parameters.values("label") if value.strip()]

    def pattern(self, name: str) -> Pattern | None:
        """Return the regular expression in a parameter, None if there is none. Raises BadParameter."""
        text = self.parameters.text(name)
        if not text:
            return None
        if problem := pattern_problem(text):
            raise BadParameter(name, text, problem)
        return regex.compile(text, regex.IGNORECASE)
