-- Give a site its salt of a day.
insert into salts (site, day, salt) values (:site, :day, :salt)
