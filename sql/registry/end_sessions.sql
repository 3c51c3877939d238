-- Log somebody out everywhere.
delete from sessions where user = :user
