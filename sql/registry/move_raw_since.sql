-- Let the visits and hits of a site begin later, because older ones are deleted; times sort as they are.
update sites set raw_since = :since where id = :id and raw_since < :since and not deleted
