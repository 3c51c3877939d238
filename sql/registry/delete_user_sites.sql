-- Forget which sites a user may see.
delete from user_sites where user = :user
