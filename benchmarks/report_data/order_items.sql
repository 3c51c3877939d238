-- One row per article of the month's orders.
insert into order_items (
    site, started, visit, id, version, conversion, order_id, at, visitor, sku, name, categories, price, quantity, deleted
)
select
    site,
    started,
    visit,
    cityHash64(visit, 'item', number) as id,
    1 as version,
    cityHash64(visit, 'conversion') as conversion,
    lower(hex(conversion)) as order_id,
    started + toIntervalMillisecond(times[-1]) as at,
    visitor,
    concat('SKU', toString(toUInt32(exp2(cityHash64(id, 'sku') / pow(2, 64) * 11)))) as sku,
    concat('Product ', sku) as name,
    [concat('Category ', toString(cityHash64(sku) % 20))] as categories,
    5 + cityHash64(sku) % 15000 / 100 as price,
    1 + cityHash64(id, 'quantity') % 3 as quantity,
    0 as deleted
from journeys
array join range(1 + cityHash64(visit, 'items') % 4) as number
where kinds[-1] = 'order'
