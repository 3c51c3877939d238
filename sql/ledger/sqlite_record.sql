-- Record one migration as applied.
insert into migrations (name, checksum) values (:name, :checksum)
