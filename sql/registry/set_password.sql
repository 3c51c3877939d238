-- Give somebody another password.
update users set password_hash = :password_hash where id = :id
