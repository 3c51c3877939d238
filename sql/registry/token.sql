-- One token, by its hash.
select hash, id, name, role, site from tokens where hash = :hash
