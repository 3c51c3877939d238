-- Delete a user, with their sites and sessions.
delete from users where id = :id
