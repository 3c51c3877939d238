-- Log one session out.
delete from sessions where hash = :hash
