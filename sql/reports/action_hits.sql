-- How often, and by how many, was each page, title, file, link or keyword ({named}) of one kind of action asked for?
-- name String, nb_hits UInt64, nb_visits UInt64, nb_uniq_visitors UInt64, sum_daily_nb_uniq_visitors UInt64, nb_hits_following_search UInt64
select
    {named:Identifier} as name,
    count() as nb_hits,
    uniqExact(visit) as nb_visits,
    uniqExact(visitor) as nb_uniq_visitors,
    -- A hash of 64 bits costs a fifth of the pair that it stands for.
    uniqExactIf(cityHash64(visitor, toDate(at, {timezone:String})), {daily:UInt8} = 1) as sum_daily_nb_uniq_visitors,
    -- Where the visitor was before has a title and no page: that was a search.
    countIf(previous_page = '' and previous_title != '') as nb_hits_following_search
from hits
where site = {site:UInt32}
    and action = {kind:String}
    and at >= {since:DateTime64(3, 'UTC')}
    and at < {until:DateTime64(3, 'UTC')}
    /* segment of hits */
group by name
order by nb_hits desc, name
