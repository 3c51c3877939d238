-- Offsets and visits of a batch change together.
begin immediate
