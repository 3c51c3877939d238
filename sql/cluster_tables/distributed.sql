-- A table that knows all shards of another one.
create table if not exists {database}.{table} on cluster {cluster} as {local}.{table}
engine = Distributed({cluster}, {local}, {table}, {key})
