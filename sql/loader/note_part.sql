-- A part of the open batch was split, or is done.
insert or replace into part (label, low, high, state) values (:label, :low, :high, :state)
