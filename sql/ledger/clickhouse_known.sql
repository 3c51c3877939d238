-- Whether this database has a ledger of migrations.
-- tables UInt64
select count() as tables from system.tables where database = currentDatabase() and name = 'migrations'
