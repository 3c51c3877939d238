-- Delete what these sites have from before a moment, and return when it is gone.
alter table {table:Identifier}
    delete where site in {sites:Array(UInt32)} and {time:Identifier} < {until:DateTime64(3, 'UTC')}
    settings mutations_sync = 1
