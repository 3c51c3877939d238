-- How many files are still there that were replaced before a moment?
select count() as parts from system.parts
where database = currentDatabase()
    and table in ('hits', 'visits', 'conversions', 'order_items', 'timings', 'daily', 'chosen', 'passing_key')
    and not active
    and remove_time <= {moment:DateTime('UTC')}
