-- Change a goal.
update goals set
    name = :name, description = :description, match_attribute = :match_attribute, pattern = :pattern,
    pattern_type = :pattern_type, case_sensitive = :case_sensitive, allow_multiple = :allow_multiple,
    revenue = :revenue, event_value_as_revenue = :event_value_as_revenue
where site = :site and id = :id and not deleted
returning *
