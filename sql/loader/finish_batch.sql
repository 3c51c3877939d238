-- A batch is loaded; only its number matters from now on.
update batch set done = 1, ranges = null where number = :number
