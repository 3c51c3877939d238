-- A record that could not be loaded, kept to be looked at and loaded again.
insert into set_aside (batch, form, reason, record, fields, site, minute, day)
values (:batch, :form, :reason, :record, :fields, :site, :minute, :day)
