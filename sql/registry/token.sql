-- One token, by its hash.
select hash, id, name, role, site, scopes from tokens where hash = :hash
