-- How long did the pages of a period take to load, in milliseconds, by the parts of loading and as a whole?
-- nb_hits_with_time_network UInt64, sum_time_network Nullable(UInt64), nb_hits_with_time_server UInt64, sum_time_server Nullable(UInt64), nb_hits_with_time_transfer UInt64, sum_time_transfer Nullable(UInt64), nb_hits_with_time_dom_processing UInt64, sum_time_dom_processing Nullable(UInt64), nb_hits_with_time_dom_completion UInt64, sum_time_dom_completion Nullable(UInt64), nb_hits_with_time_on_load UInt64, sum_time_on_load Nullable(UInt64), nb_hits_with_time_page_load UInt64, sum_time_page_load UInt64
select
    count(network) as nb_hits_with_time_network,
    sum(network) as sum_time_network,
    count(server) as nb_hits_with_time_server,
    sum(server) as sum_time_server,
    count(transfer) as nb_hits_with_time_transfer,
    sum(transfer) as sum_time_transfer,
    count(dom_processing) as nb_hits_with_time_dom_processing,
    sum(dom_processing) as sum_time_dom_processing,
    count(dom_completion) as nb_hits_with_time_dom_completion,
    sum(dom_completion) as sum_time_dom_completion,
    count(on_load) as nb_hits_with_time_on_load,
    sum(on_load) as sum_time_on_load,
    countIf(coalesce(network, server, transfer, dom_processing, dom_completion, on_load) is not null)
        as nb_hits_with_time_page_load,
    sum(ifNull(network, 0) + ifNull(server, 0) + ifNull(transfer, 0)
        + ifNull(dom_processing, 0) + ifNull(dom_completion, 0) + ifNull(on_load, 0)) as sum_time_page_load
from timings final
where site = {site:UInt32}
    and at >= {since:DateTime64(3, 'UTC')}
    and at < {until:DateTime64(3, 'UTC')}
    /* segment of hits */
