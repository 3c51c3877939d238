-- The user of a session that has not expired, with the sites as a JSON array.
select
    users.id, email, password_hash, role,
    (select json_group_array(site) from (select site from user_sites where user = users.id order by site)) as sites
from sessions join users on users.id = sessions.user
where sessions.hash = :hash and sessions.expires > :now
