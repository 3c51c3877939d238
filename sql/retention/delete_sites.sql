-- Delete the sums of sites that are deleted themselves.
alter table daily delete where site in {sites:Array(UInt32)} settings mutations_sync = 1
