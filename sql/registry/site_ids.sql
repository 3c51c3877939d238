-- The ids that sites have or had.
select id from sites
