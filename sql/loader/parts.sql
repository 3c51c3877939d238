-- The parts in which rows of the open batch went in, or are to go in.
select low, high, state from part where label = :label
