-- Add hits that were not counted to those of their day.
insert into problem (site, day, outcome, reason, hits, first, last)
values (:site, :day, :outcome, :reason, :hits, :first, :last)
on conflict (site, day, outcome, reason) do update set
    hits = hits + excluded.hits,
    first = min(first, excluded.first),
    last = max(last, excluded.last)
