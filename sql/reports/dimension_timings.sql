-- How long did pages with each value of a custom dimension take to load, in milliseconds? Rows without page are about a value as a whole.
-- value String, page String, nb_hits_with_time_network UInt64, sum_time_network Nullable(UInt64), min_time_network Nullable(UInt32), max_time_network Nullable(UInt32), nb_hits_with_time_server UInt64, sum_time_server Nullable(UInt64), min_time_server Nullable(UInt32), max_time_server Nullable(UInt32), nb_hits_with_time_transfer UInt64, sum_time_transfer Nullable(UInt64), min_time_transfer Nullable(UInt32), max_time_transfer Nullable(UInt32), nb_hits_with_time_dom_processing UInt64, sum_time_dom_processing Nullable(UInt64), min_time_dom_processing Nullable(UInt32), max_time_dom_processing Nullable(UInt32), nb_hits_with_time_dom_completion UInt64, sum_time_dom_completion Nullable(UInt64), min_time_dom_completion Nullable(UInt32), max_time_dom_completion Nullable(UInt32), nb_hits_with_time_on_load UInt64, sum_time_on_load Nullable(UInt64), min_time_on_load Nullable(UInt32), max_time_on_load Nullable(UInt32)
select
    value,
    page,
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
from (
    select
        seen.value as value,
        seen.page as page,
        network, server, transfer, dom_processing, dom_completion, on_load
    from (
        select id, network, server, transfer, dom_processing, dom_completion, on_load
        from timings final
        where site = {site:UInt32}
            and at >= {since:DateTime64(3, 'UTC')}
            and at < {until:DateTime64(3, 'UTC')}
            /* segment of hits */
    ) as measured
    inner join (
        select id, dimensions[{custom:String}] as value, page
        from hits
        where site = {site:UInt32}
            and at >= {since:DateTime64(3, 'UTC')}
            and at < {until:DateTime64(3, 'UTC')}
            and mapContains(dimensions, {custom:String})
            and page != ''
            /* segment of hits */
    ) as seen on seen.id = measured.id
)
group by grouping sets ((value, page), (value))
order by value, page
