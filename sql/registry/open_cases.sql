-- What is not finished, in the order in which it was asked for.
select * from cases where finished = '' order by id
