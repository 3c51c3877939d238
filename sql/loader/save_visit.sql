-- Remember a visit as it is now.
insert or replace into visit (id, site, visitor, fingerprint, last_at, touched, known, state)
values (:id, :site, :visitor, :fingerprint, :last_at, :touched, :known, :state)
