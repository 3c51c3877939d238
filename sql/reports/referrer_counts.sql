-- How many visits did each type of referrer bring in a period, and how many different engines, keywords, sites and campaigns were there?
-- direct UInt64, search UInt64, website UInt64, campaign UInt64, social UInt64, assistant UInt64, engines UInt64, keywords UInt64, websites UInt64, website_pages UInt64, campaigns UInt64, networks UInt64, assistants UInt64
select
    countIf(referrer_type = 'direct') as direct,
    countIf(referrer_type = 'search') as search,
    countIf(referrer_type = 'website') as website,
    countIf(referrer_type = 'campaign') as campaign,
    countIf(referrer_type = 'social') as social,
    countIf(referrer_type = 'assistant') as assistant,
    uniqExactIf(referrer_name, referrer_type = 'search') as engines,
    uniqExactIf(referrer_keyword, referrer_type = 'search') as keywords,
    uniqExactIf(referrer_name, referrer_type = 'website') as websites,
    uniqExactIf(referrer_url, referrer_type = 'website') as website_pages,
    uniqExactIf(referrer_name, referrer_type = 'campaign') as campaigns,
    uniqExactIf(referrer_name, referrer_type = 'social') as networks,
    uniqExactIf(referrer_name, referrer_type = 'assistant') as assistants
from visits final
where site = {site:UInt32}
    and started >= {since:DateTime64(3, 'UTC')} - toIntervalDay(2)
    and started < {until:DateTime64(3, 'UTC')}
    and last_at >= {since:DateTime64(3, 'UTC')}
    and last_at < {until:DateTime64(3, 'UTC')}
    /* segment of visits */
