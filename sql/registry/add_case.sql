-- Write down what is to be done, or was done, with the data of somebody.
insert into cases (action, site, what, identity, details, author, asked, stage, visits, hits, finished)
values (:action, :site, :what, :identity, :details, :author, :asked, :stage, :visits, :hits, :finished)
returning *
