-- How many visitors a row of a report must have to stand on its own; 0: any.
alter table sites add column fewest_visitors integer not null default 0;
