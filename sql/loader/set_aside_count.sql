-- How many records could not be understood.
select count(*) from set_aside
