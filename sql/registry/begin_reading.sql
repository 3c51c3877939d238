-- What is read from here on is of one moment.
begin deferred
