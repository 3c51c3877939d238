-- What was ordered under a mark, and whether it is done.
select table, is_done from system.mutations
where database = currentDatabase() and position(command, {mark:String}) > 0
