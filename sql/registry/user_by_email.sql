-- The user with an e-mail address, with the sites as a JSON array.
select
    id, email, password_hash, role,
    (select json_group_array(site) from (select site from user_sites where user = users.id order by site)) as sites
from users where email = :email
