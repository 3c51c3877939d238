-- Forget that an order was counted.
delete from taken_order where site = :site and number = :number
