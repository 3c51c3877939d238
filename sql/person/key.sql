-- Is there a key of this run?
select count() as keys from passing_key where run = {run:String}
