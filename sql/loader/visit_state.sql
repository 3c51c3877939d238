-- What is known of one visit.
select state from visit where id = :id
