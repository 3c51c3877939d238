-- Which articles were looked at, by {labels}: `skus`, `names` or `categories`? Visits and people are those of each place among the categories, added. The price adds up each day's average.
-- label String, nb_visits UInt64, nb_uniq_visitors UInt64, sum_daily_nb_uniq_visitors UInt64, nb_actions UInt64, price Nullable(Float64)
select
    label,
    sum(visits) as nb_visits,
    sum(visitors) as nb_uniq_visitors,
    sum(visitors_daily) as sum_daily_nb_uniq_visitors,
    sum(views) as nb_actions,
    sum(day_prices) as price
from (
    select
        label,
        sum(day_visits) as visits,
        uniqExactMerge(people) as visitors,
        sum(day_people) as visitors_daily,
        sum(day_views) as views,
        sum(day_price) as day_prices
    from (
        select
            label,
            place,
            toDate(at, {timezone:String}) as day,
            uniqExact(visit) as day_visits,
            uniqExactState(visitor) as people,
            uniqExact(visitor) as day_people,
            count() as day_views,
            avg(product_price) as day_price
        from (
            select
                at,
                visit,
                visitor,
                product_price,
                -- Whoever looks at a category looks at no article. An article may lack a name or a category.
                if(product_sku = '', [], [product_sku]) as skus,
                if(product_name = '' and product_sku = '', [], [product_name]) as names,
                if(empty(product_categories), [''], arrayDistinct(product_categories)) as categories
            from hits
            where site = {site:UInt32}
                and at >= {since:DateTime64(3, 'UTC')}
                and at < {until:DateTime64(3, 'UTC')}
                and (product_sku != '' or product_name != '' or notEmpty(product_categories))
                /* segment of hits */
        )
        array join {labels:Identifier} as label, arrayEnumerate({labels:Identifier}) as place
        group by label, place, day
    )
    group by label, place
)
group by label
order by label
