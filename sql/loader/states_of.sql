-- What is remembered of visits, by their own ids, by ids of visitors, and where a text occurs in it; '' is no text.
select number, state from visit
where id in (select value from json_each(:visits))
    or visitor in (select value from json_each(:visitors))
    or (:text != '' and instr(state, :text) > 0)
