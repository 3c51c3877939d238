-- Forget the tokens of a site.
delete from tokens where site = :site
