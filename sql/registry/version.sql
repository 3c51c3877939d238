-- The number of the last change.
select number from changes
