-- Change what an operator decides about a site.
update sites set
    name = :name, timezone = :timezone, currency = :currency, urls = :urls, preset = :preset, created = :created,
    ecommerce = :ecommerce, "group" = :group, search = :search, search_keywords = :search_keywords,
    search_categories = :search_categories, keep_fragment = :keep_fragment,
    exclude_unknown_urls = :exclude_unknown_urls, excluded_addresses = :excluded_addresses,
    excluded_user_agents = :excluded_user_agents, excluded_parameters = :excluded_parameters,
    excluded_referrers = :excluded_referrers, type = :type, keep_bots = :keep_bots, exact_places = :exact_places,
    fewest_visitors = :fewest_visitors, consent = :consent, dnt = :dnt, gpc = :gpc, referrers = :referrers,
    retention_months = :retention_months, scrubbed_patterns = :scrubbed_patterns
where id = :id and not deleted
returning *
