-- Add a user.
insert into users (email, password_hash, role, created) values (:email, :password_hash, :role, :created)
returning id
