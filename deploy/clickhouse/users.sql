-- Two users of a single ClickHouse server: one who writes, and one who only reads, for the dashboard. Run it as a user who
-- manages access, with passwords of your own; give Pegel these in files (PEGEL_CLICKHOUSE_PASSWORD_FILE, and so on).
create database if not exists pegel;

create user if not exists pegel identified with sha256_password by 'choose a password' default database pegel;
grant select, insert, alter, create table, truncate, optimize on pegel.* to pegel;
grant select on system.* to pegel;

-- The dashboard sets its own limits, below these. What is not granted is refused: other databases, and all functions that
-- reach files or networks.
create settings profile if not exists pegel_reads settings
    readonly = 2,
    max_execution_time = 60 max 60,
    max_memory_usage = 4000000000 max 4000000000,
    max_result_rows = 2000000 max 2000000,
    result_overflow_mode = 'throw';
create user if not exists pegel_reader identified with sha256_password by 'choose another password'
    default database pegel settings profile 'pegel_reads';
grant select on pegel.* to pegel_reader;
grant select on system.processes to pegel_reader;
