-- How long did each page or title ({named}) take to load, in milliseconds, by the parts of loading?
-- name String, nb_hits_with_time_network UInt64, sum_time_network Nullable(UInt64), min_time_network Nullable(UInt32), max_time_network Nullable(UInt32), nb_hits_with_time_server UInt64, sum_time_server Nullable(UInt64), min_time_server Nullable(UInt32), max_time_server Nullable(UInt32), nb_hits_with_time_transfer UInt64, sum_time_transfer Nullable(UInt64), min_time_transfer Nullable(UInt32), max_time_transfer Nullable(UInt32), nb_hits_with_time_dom_processing UInt64, sum_time_dom_processing Nullable(UInt64), min_time_dom_processing Nullable(UInt32), max_time_dom_processing Nullable(UInt32), nb_hits_with_time_dom_completion UInt64, sum_time_dom_completion Nullable(UInt64), min_time_dom_completion Nullable(UInt32), max_time_dom_completion Nullable(UInt32), nb_hits_with_time_on_load UInt64, sum_time_on_load Nullable(UInt64), min_time_on_load Nullable(UInt32), max_time_on_load Nullable(UInt32)
select
    {named:Identifier} as name,
    count(network) as nb_hits_with_time_network,
    sum(network) as sum_time_network,
    min(network) as min_time_network,
    max(network) as max_time_network,
    count(server) as nb_hits_with_time_server,
    sum(server) as sum_time_server,
    min(server) as min_time_server,
    max(server) as max_time_server,
    count(transfer) as nb_hits_with_time_transfer,
    sum(transfer) as sum_time_transfer,
    min(transfer) as min_time_transfer,
    max(transfer) as max_time_transfer,
    count(dom_processing) as nb_hits_with_time_dom_processing,
    sum(dom_processing) as sum_time_dom_processing,
    min(dom_processing) as min_time_dom_processing,
    max(dom_processing) as max_time_dom_processing,
    count(dom_completion) as nb_hits_with_time_dom_completion,
    sum(dom_completion) as sum_time_dom_completion,
    min(dom_completion) as min_time_dom_completion,
    max(dom_completion) as max_time_dom_completion,
    count(on_load) as nb_hits_with_time_on_load,
    sum(on_load) as sum_time_on_load,
    min(on_load) as min_time_on_load,
    max(on_load) as max_time_on_load
from timings final
where site = {site:UInt32}
    and at >= {since:DateTime64(3, 'UTC')}
    and at < {until:DateTime64(3, 'UTC')}
    /* segment of hits */
group by name
order by name
