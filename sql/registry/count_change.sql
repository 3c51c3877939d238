-- Tell other processes that something is different now.
update changes set number = number + 1
