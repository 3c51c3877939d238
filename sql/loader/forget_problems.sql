-- Forget what was not counted on days that are long over.
delete from problem where day < :since
