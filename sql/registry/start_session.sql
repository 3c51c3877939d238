-- Remember who is logged in until when (seconds since 1970).
insert into sessions (hash, user, expires) values (:hash, :user, :expires)
