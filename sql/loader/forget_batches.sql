-- Numbers of finished batches before this one.
delete from batch where done = 1 and number < :number
