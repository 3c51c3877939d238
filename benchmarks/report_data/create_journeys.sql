-- Where the visits of a month stand while its rows are made from them.
create table journeys (
    site UInt32,
    visit UInt64,
    visitor UInt64,
    started DateTime64(3, 'UTC'),
    visit_count UInt32,
    first_started DateTime64(3, 'UTC'),
    last_started DateTime64(3, 'UTC'),
    kinds Array(LowCardinality(String)),
    times Array(UInt32),
    choices Array(UInt32),
    ranks Array(UInt32)
)
engine = Memory
