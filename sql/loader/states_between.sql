-- What is remembered of visits of a site that began in a span, in portions.
select number, state from visit
where site = :site and number > :after
    and json_extract(cast(state as text), '$[1]') >= :since and json_extract(cast(state as text), '$[1]') < :until
order by number limit 1000
