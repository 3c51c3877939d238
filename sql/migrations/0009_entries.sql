-- Entry pages are counted by 8 bytes instead of their texts, as pages are; months are told anew when they merge.
alter table visits add column if not exists entry_hash UInt64 materialized cityHash64(entry_page);
