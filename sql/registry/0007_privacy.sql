-- What a site chose about consent, about the signals DNT and GPC, and about how long and how much is kept.
alter table sites add column consent text not null default 'tracker';
alter table sites add column dnt text not null default 'ignore';
alter table sites add column gpc text not null default 'ignore';
alter table sites add column referrers text not null default 'all';
alter table sites add column retention_months integer not null default 25;
alter table sites add column scrubbed_patterns text not null default '[]';
