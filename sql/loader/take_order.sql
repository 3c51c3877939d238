-- Remember an order.
insert or ignore into taken_order (site, number, day) values (:site, :number, :day)
