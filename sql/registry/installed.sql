-- When the registry was made.
select min(applied) from migrations
