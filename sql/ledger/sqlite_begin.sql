-- Take the write lock first: two programs that start together wait for each other.
begin immediate
