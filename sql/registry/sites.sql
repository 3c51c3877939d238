-- Every site.
select * from sites order by id
