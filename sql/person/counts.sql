-- How much is kept of some visits of a site?
select
    (select count() from visits final where site = {site:UInt32} and id in {visits:Array(UInt64)}) as visits,
    (select count() from hits where site = {site:UInt32} and visit in {visits:Array(UInt64)}) as hits,
    (select count() from conversions final where site = {site:UInt32} and visit in {visits:Array(UInt64)}) as conversions,
    (select count() from order_items final where site = {site:UInt32} and visit in {visits:Array(UInt64)}) as order_items,
    (select count() from timings final where site = {site:UInt32} and visit in {visits:Array(UInt64)}) as timings
