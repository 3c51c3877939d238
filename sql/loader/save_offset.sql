-- A segment is loaded up to here.
insert or replace into segment (name, loaded) values (:name, :loaded)
