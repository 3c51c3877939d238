-- Add a site; without an id it gets the next one.
insert into sites (
    id, name, timezone, currency, urls, preset, created, ecommerce, "group", search, search_keywords, search_categories,
    keep_fragment, exclude_unknown_urls, excluded_addresses, excluded_user_agents, excluded_parameters,
    excluded_referrers, type, keep_bots, exact_places, fewest_visitors, consent, dnt, gpc, referrers,
    retention_months, scrubbed_patterns
) values (
    :id, :name, :timezone, :currency, :urls, :preset, :created, :ecommerce, :group, :search, :search_keywords,
    :search_categories, :keep_fragment, :exclude_unknown_urls, :excluded_addresses, :excluded_user_agents,
    :excluded_parameters, :excluded_referrers, :type, :keep_bots, :exact_places, :fewest_visitors,
    :consent, :dnt, :gpc, :referrers, :retention_months, :scrubbed_patterns
)
returning *
