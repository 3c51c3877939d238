-- Orders that were counted, so that none counts twice; by a hash, for an order's number may lead to a person.
create table if not exists taken_order (
    site integer not null,
    number integer not null,
    primary key (site, number)
) without rowid;

-- What was not counted, per site and day: for an operator who looks for mistakes in the tracking of a website.
create table if not exists problem (
    site integer not null,
    day integer not null, -- Days since 1970.
    outcome text not null,
    reason text not null,
    hits integer not null,
    first integer not null, -- Seconds since 1970.
    last integer not null,
    primary key (site, day, outcome, reason)
) without rowid;
