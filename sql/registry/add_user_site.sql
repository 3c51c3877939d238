-- Let a user see a site.
insert into user_sites (user, site) values (:user, :site)
