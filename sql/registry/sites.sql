-- Every site.
select * from sites where not deleted order by id
