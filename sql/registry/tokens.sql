-- Every token, by its hash.
select hash, id, name, role, site from tokens order by id
