-- Forget what is remembered of a visit.
delete from visit where number = :number
