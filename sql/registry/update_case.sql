-- Say how far it is.
update cases set
    identity = :identity, details = :details, stage = :stage, visits = :visits, hits = :hits, finished = :finished
where id = :id
returning *
