-- How far each segment is loaded.
select name, loaded from segment
