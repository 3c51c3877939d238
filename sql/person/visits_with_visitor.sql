-- Which visits have anything of a visitor id? A visit may have begun under another one. Site 0: any.
-- Older versions of a row count, too: they are on disk until a month is merged.
select distinct site, id as visit from visits
where visitor = {visitor:UInt64} and ({site:UInt32} = 0 or site = {site:UInt32})
union distinct
select distinct site, visit from hits
where visitor = {visitor:UInt64} and ({site:UInt32} = 0 or site = {site:UInt32})
