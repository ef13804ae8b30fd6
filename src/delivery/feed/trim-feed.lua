-- Takes entries off a feed that are older than it keeps, and remembers where it begins now: a cursor before that place has
-- missed something, one at it has not.
-- KEYS[1] feed   KEYS[2] floor   string: stream id of the last entry that was taken off
-- ARGV[1] stream id before which everything goes
-- Reply: entries taken off.
local last = redis.call('XREVRANGE', KEYS[1], '(' .. ARGV[1], '-', 'COUNT', 1)[1]
if not last then return 0 end
redis.call('SET', KEYS[2], last[1])
return redis.call('XTRIM', KEYS[1], 'MINID', ARGV[1])
