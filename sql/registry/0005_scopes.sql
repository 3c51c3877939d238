-- What a token is limited to, as a JSON array; empty: all that its role may do.
alter table tokens add column scopes text not null default '[]';
