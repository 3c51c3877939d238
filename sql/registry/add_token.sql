-- Add a token, of which only the hash is known here.
insert into tokens (hash, name, role, site, scopes, created)
values (:hash, :name, :role, :site, :scopes, :created)
