"""How much of each site's visits and hits is left: the registry says so, for every process to know."""

from datetime import datetime

from sql.registry_file import RegistryFile
from sql.rows import stamp


class RawData(RegistryFile):
    """The part of the registry that knows since when raw data is there."""

    def move_raw_since(self, site: int, moment: datetime) -> None:
        """Say that what is older is deleted, before it is; an earlier moment and an unknown site change nothing."""
        with self._changing():
            self._rows("move_raw_since", id=site, since=stamp(moment))

    def deleted_sites(self, before: datetime) -> list[int]:
        """Return the sites that were deleted before a moment."""
        return [row["id"] for row in self._rows("deleted_sites", before=stamp(before))]
