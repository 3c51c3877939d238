-- What was ordered under a mark on any server of a cluster, and whether it is done.
select table, is_done from clusterAllReplicas({cluster:Identifier}, system.mutations)
where database in {databases:Array(String)} and position(command, {mark:String}) > 0
