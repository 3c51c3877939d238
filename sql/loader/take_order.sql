-- Remember an order.
insert or ignore into taken_order (site, number) values (:site, :number)
