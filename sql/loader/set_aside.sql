-- A record that could not be understood, kept for a person to look at.
insert into set_aside (batch, reason, record, day) values (:batch, :reason, :record, :day)
