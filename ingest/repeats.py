"""Whether a visit did something for the first time: reports count visits by adding up such hits."""

from functools import lru_cache
from hashlib import blake2b

from ingest.actions import Action
from ingest.visits import Visit


def new_in(visit: Visit, action: Action) -> int:
    """Return 1 if the visit has not had this action with this page or keyword before, else 0; from now on it has."""
    name = hash_of(action.kind, action.page.name or action.keyword)
    if name in visit.names:
        return 0
    visit.names.append(name)
    return 1


@lru_cache(16_384)
def hash_of(kind: str, name: str) -> int:
    text = f"{kind} {name}".encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big")
