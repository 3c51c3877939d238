-- Change who somebody is, and what they may do.
update users set email = :email, role = :role where id = :id
