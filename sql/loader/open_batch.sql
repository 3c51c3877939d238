-- The batch that was begun and not finished, if there is one.
select number, ranges, again from batch where done = 0
