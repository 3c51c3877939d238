-- Merge the sums of a year: what was counted again is on disk only once then.
optimize table daily partition id {year:String} final
