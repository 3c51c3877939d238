-- Up to when the visits and hits of a site are deleted, as an ISO text in UTC; '': none are. When a site was deleted.
alter table sites add column raw_since text not null default '';
alter table sites add column deleted_at text not null default '';
update sites set deleted_at = strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now') where deleted;
