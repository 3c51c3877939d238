-- How many visits and hits are changed?
select
    (
        select count() from visits final
        where site = {site:UInt32} and started >= {since:DateTime64(3, 'UTC')} and started < {until:DateTime64(3, 'UTC')}
    ) as visits,
    (
        select count() from hits
        where site = {site:UInt32}
            and visit in (
                select id from visits
                where site = {site:UInt32} and started >= {since:DateTime64(3, 'UTC')} and started < {until:DateTime64(3, 'UTC')}
            )
    ) as hits
