-- What holds for every site.
select content from global_settings
