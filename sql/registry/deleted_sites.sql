-- The sites that were deleted before a moment.
select id from sites where deleted and deleted_at < :before order by id
