"""Who asks: the token in the Authorization header, what it is good for, and how often it may be used."""

from starlette.requests import Request

from dashboard.guessing import Guard
from dashboard.v1.rates import Rates
from dashboard.v1.refusals import BadInput, Forbidden, TooManyRequests, Unauthenticated
from sql.registry import Token, TokenScope

# Names under which programs might send a token where logs and histories would keep it.
IN_ADDRESS = ("token_auth", "token", "access_token", "api_key", "auth")
HOW = "Send it as a header: Authorization: Bearer TOKEN. `pegel token add` makes one."
ASK = {"WWW-Authenticate": 'Bearer realm="pegel"'}
WRONG = {"WWW-Authenticate": 'Bearer realm="pegel", error="invalid_token"'}
NO_SCOPE = {"WWW-Authenticate": 'Bearer realm="pegel", error="insufficient_scope"'}


class Access:
    """Tells whose request it is. A session's cookie is never looked at: no website can ask in somebody's name."""

    def __init__(self, guard: Guard, rates: Rates) -> None:
        self.guard, self.rates = guard, rates

    async def token(self, request: Request, scope: TokenScope) -> tuple[Token, dict[str, str]]:
        """Return the token of a request that may do this, with the headers that tell how many more it may make.

        Raises BadInput, Unauthenticated, Forbidden, TooManyRequests, TooManyTries.
        """
        token = await self._known(request, plain_token(request))
        share = self.rates.take(token.id)
        if not share.allowed:
            raise TooManyRequests("This token was used too often in the last minute.", headers=share.headers)
        if not token.has(scope):
            raise Forbidden(f"This token lacks the scope {scope}.", scope_hint(token, scope), headers=NO_SCOPE)
        return token, dict(share.headers)

    async def _known(self, request: Request, plain: str) -> Token:
        token = await self.guard.token(request, plain)
        if token is None:
            raise Unauthenticated("There is no such token.", HOW, headers=WRONG)
        return token


def plain_token(request: Request) -> str:
    """Return what the header says. Raises BadInput for a token in the address, Unauthenticated if there is none."""
    for name in IN_ADDRESS:
        if name in request.query_params:
            raise BadInput(name, "a token is not taken from an address, where logs would keep it", HOW)
    kind, _, plain = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not plain.strip():
        raise Unauthenticated("A token is needed.", HOW, headers=ASK)
    return plain.strip()


def scope_hint(token: Token, scope: TokenScope) -> str:
    if token.scopes:
        return f"It has {', '.join(token.scopes)}."
    return f"Its role is {token.role}: make one with `pegel token add --scope {scope}`."
