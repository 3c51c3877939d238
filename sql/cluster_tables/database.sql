-- Where tables are. Names stand in braces here: they come from settings, and nothing else may.
create database if not exists {database} on cluster {cluster}
