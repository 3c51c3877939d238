-- Add a custom dimension; without an id it gets the site's next one.
insert into dimensions (site, id, "index", name, scope, active, case_sensitive, extractions)
values (
    :site, coalesce(:id, (select coalesce(max(id), 0) + 1 from dimensions where site = :site)),
    (select coalesce(max("index"), 0) + 1 from dimensions where site = :site and scope = :scope),
    :name, :scope, :active, :case_sensitive, :extractions
)
returning *
