-- A day is counted; a batch that brought more meanwhile has it counted once more.
delete from day_to_count where site = :site and day = :day and batch <= :batch
