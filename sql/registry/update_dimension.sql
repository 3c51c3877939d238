-- Change a custom dimension; its scope never changes.
update dimensions set name = :name, active = :active, case_sensitive = :case_sensitive, extractions = :extractions
where site = :site and id = :id
returning *
