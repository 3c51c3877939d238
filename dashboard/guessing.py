"""An end to guessing: whoever gave wrong passwords or tokens too often has to wait."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TypeVar

import anyio.to_thread
from anyio import CapacityLimiter
from starlette.requests import Request

from dashboard import DashboardError
from dashboard.attempts import Attempts
from sql.registry import Registry, Token, User

WINDOW = timedelta(minutes=15)
PER_ACCOUNT = 10
PER_ADDRESS = 50  # An office may share one.
RETRY = {"Retry-After": str(int(WINDOW.total_seconds()))}

T = TypeVar("T")


class TooManyTries(DashboardError):
    """Raised if an address or an account has failed too often lately; what was given now is not even looked at."""

    def __init__(self) -> None:
        super().__init__("Too many failed attempts. Wait a quarter of an hour, then try again.")


class Guard:
    """Checks passwords and tokens; failures of one address count together, whatever was guessed at."""

    def __init__(self, registry: Registry, clock: Callable[[], datetime]) -> None:
        self.registry = registry
        self.accounts = Attempts(PER_ACCOUNT, WINDOW, clock)
        self.addresses = Attempts(PER_ADDRESS, WINDOW, clock)
        self.limiter = CapacityLimiter(2)  # Checking a password takes 19 MB.
        self.tokens = CapacityLimiter(4)

    async def user(self, request: Request, email: str, password: str) -> User | None:
        """Return whose password it is; None if it is nobody's.

        Raises TooManyTries.
        """
        account, address = email.strip().lower(), network(request)
        if not (self.addresses.admit(address) and self.accounts.admit(account)):
            raise TooManyTries
        user = await ask(partial(self.registry.user_with_password, email, password), self.limiter)
        if user is not None:
            self.addresses.forgive(address)
            self.accounts.forgive(account)
        return user

    async def token(self, request: Request, plain: str) -> Token | None:
        """Return the token; None if there is none like it.

        Only failures are counted, and only afterwards: a program may ask a hundred things at once.
        Raises TooManyTries.
        """
        address = network(request)
        if self.addresses.exhausted(address):
            raise TooManyTries
        token = await ask(partial(self.registry.token, plain), self.tokens)
        if token is None:
            self.addresses.admit(address)
        return token


async def ask(question: Callable[[], T], limiter: CapacityLimiter) -> T:
    return await anyio.to_thread.run_sync(question, limiter=limiter)


def network(request: Request) -> str:
    """Return whom to count a try against: an IPv4 address, or the /64 network that one subscriber gets in IPv6."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return str(ip_network((address, 64), strict=False)) if isinstance(address, IPv6Address) else host
