"""What the registry refuses, and in which words."""

from collections.abc import Collection

from sql import SqlError


class RegistryError(SqlError):
    """Root of what the registry refuses."""


class BadEntry(RegistryError):
    """Raised if something cannot be kept as it was given."""


class BadSite(BadEntry):
    """Raised if a site's name, address, time zone, currency, id, preset or one of its lists cannot be used."""


class BadUser(BadEntry):
    """Raised if a user's e-mail address, password, role or sites cannot be used."""


class BadToken(BadEntry):
    """Raised if a token's name, role or site cannot be used."""


class BadGoal(BadEntry):
    """Raised if a goal's name, pattern or revenue cannot be used."""


class BadDimension(BadEntry):
    """Raised if a custom dimension's name, scope, id or extractions cannot be used."""


class Taken(RegistryError):
    """Raised if the id of something new is already another one's."""

    def __init__(self, what: str, id: int) -> None:
        super().__init__(f"{what} id {id} is taken; expected a free one, or none to get the next")


class SiteTaken(Taken):
    """Raised if a site's id is already another site's."""

    def __init__(self, id: int) -> None:
        super().__init__("site", id)


class EmailTaken(RegistryError):
    """Raised if somebody with this e-mail address is already there."""

    def __init__(self, email: str) -> None:
        super().__init__(f"user {email!r} is already there; expected another e-mail address")


class Unknown(RegistryError):
    """Raised if there is nothing with this id."""

    def __init__(self, what: str, id: int, known: Collection[int] = ()) -> None:
        some = ", ".join(map(str, sorted(known)[:10])) + (", …" if len(known) > 10 else "")
        expected = f"one of {some}" if known else f"the id of an added {what}"
        super().__init__(f"{what} {id} is unknown; expected {expected}")
        self.id = id


class UnknownSite(Unknown):
    """Raised if there is no site with this id."""

    def __init__(self, id: int, known: Collection[int] = ()) -> None:
        super().__init__("site", id, known)


class UnknownGoal(Unknown):
    """Raised if a site has no goal with this id."""

    def __init__(self, id: int, known: Collection[int] = ()) -> None:
        super().__init__("goal", id, known)


class UnknownDimension(Unknown):
    """Raised if a site has no custom dimension with this id."""

    def __init__(self, id: int, known: Collection[int] = ()) -> None:
        super().__init__("dimension", id, known)


class UnknownUser(Unknown):
    """Raised if there is no user with this id."""

    def __init__(self, id: int, known: Collection[int] = ()) -> None:
        super().__init__("user", id, known)
