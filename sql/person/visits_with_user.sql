-- Which visits have anything of a user id, or of the visitor id that follows from it? Site 0: any.
select distinct site, id as visit from visits
where (user_id = {user:String} or visitor = {visitor:UInt64}) and ({site:UInt32} = 0 or site = {site:UInt32})
union distinct
select distinct site, visit from hits
where visitor = {visitor:UInt64} and ({site:UInt32} = 0 or site = {site:UInt32})
