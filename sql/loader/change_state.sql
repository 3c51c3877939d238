-- Remember less of a visit.
update visit set state = :state where number = :number
