-- Take the write lock first, so that what is checked stays true until it is written.
begin immediate
