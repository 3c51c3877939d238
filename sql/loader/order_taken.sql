-- One row if an order was counted.
select 1 from taken_order where site = :site and number = :number
