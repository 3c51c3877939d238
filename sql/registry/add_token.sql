-- Add a token, of which only the hash is known here.
insert into tokens (hash, name, role, site, created) values (:hash, :name, :role, :site, :created)
