-- Set bytes of addresses to zero: so many of an IPv4 address, so many of an IPv6 address.
alter table visits update ip = multiIf(
    isIPv4String(ip),
    replaceRegexpOne(cutIPv6(IPv6StringToNumOrDefault(concat('::ffff:', ip)), 0, {bytes:UInt8}), '^::ffff:', ''),
    isIPv6String(ip),
    cutIPv6(IPv6StringToNumOrDefault(ip), {bytes_of_ipv6:UInt8}, {bytes:UInt8}),
    ip
)
where site = {site:UInt32} and started >= {since:DateTime64(3, 'UTC')} and started < {until:DateTime64(3, 'UTC')}
    and {mark:String} != ''
settings mutations_sync = 0
