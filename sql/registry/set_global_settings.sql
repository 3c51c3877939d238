-- Replace what holds for every site.
insert into global_settings (id, content) values (1, :content)
on conflict (id) do update set content = excluded.content
