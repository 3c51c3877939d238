-- Add a goal; without an id it gets the site's next one, which no deleted goal had.
insert into goals (
    site, id, name, description, match_attribute, pattern, pattern_type, case_sensitive, allow_multiple, revenue,
    event_value_as_revenue
) values (
    :site, coalesce(:id, (select coalesce(max(id), 0) + 1 from goals where site = :site)),
    :name, :description, :match_attribute, :pattern, :pattern_type, :case_sensitive, :allow_multiple, :revenue,
    :event_value_as_revenue
)
returning *
