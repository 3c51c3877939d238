-- Delete a part of a month as a whole. What was inserted meanwhile is in another one, so nothing else is lost.
alter table {table:Identifier} drop part {part:String}
