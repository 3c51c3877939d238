-- Remember a visit as it is now; its site and fingerprint never change.
insert into visit (id, site, visitor, fingerprint, last_at, touched, known, state)
values (:id, :site, :visitor, :fingerprint, :last_at, :touched, :known, :state)
on conflict (id) do update set
    visitor = excluded.visitor,
    last_at = excluded.last_at,
    touched = excluded.touched,
    known = excluded.known,
    state = excluded.state
