-- Whether this file has a ledger of migrations: one row if so.
select 1 from sqlite_master where type = 'table' and name = 'migrations'
