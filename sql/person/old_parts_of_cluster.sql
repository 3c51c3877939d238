-- How many files are still there, on any server of a cluster, that were replaced before a moment?
select count() as parts from clusterAllReplicas({cluster:Identifier}, system.parts)
where database in {databases:Array(String)}
    and table in ('hits', 'visits', 'conversions', 'order_items', 'timings', 'daily', 'chosen', 'passing_key')
    and not active
    and remove_time <= {moment:DateTime('UTC')}
