-- Before its first insert, a batch is written down: it can only be tried again as it is.
insert into batch (number, ranges, again) values ((select coalesce(max(number), 0) + 1 from batch), :ranges, :again)
returning number
