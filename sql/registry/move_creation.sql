-- Let a site begin earlier; times are ISO texts in UTC, which sort as they are.
update sites set created = :created where id = :id and created > :created and not deleted
