-- Forget an annotation.
delete from annotations where site = :site and id = :id
