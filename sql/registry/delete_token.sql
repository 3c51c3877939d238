-- Forget a token.
delete from tokens where hash = :hash
