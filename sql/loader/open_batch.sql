-- The batch that was begun and not finished, if there is one.
select number, ranges from batch where done = 0
