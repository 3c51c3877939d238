-- One site.
select * from sites where id = :id and not deleted
