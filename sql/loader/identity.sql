-- The name of this journal: batches of another one are other batches, whatever their numbers.
select name from identity
