-- One of them.
select * from cases where id = :id
