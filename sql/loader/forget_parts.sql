-- A batch that is done has no parts.
delete from part
