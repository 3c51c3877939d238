-- A day got hits: it is to be counted again when they are settled.
insert into day_to_count (site, day, batch) values (:site, :day, :batch)
on conflict (site, day) do update set batch = max(batch, excluded.batch)
