-- Every salt there is.
select site, day, salt from salts
