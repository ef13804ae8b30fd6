-- Lets a channel send again that was switched off; everything that waits is due at once.
-- KEYS[1] state hash   KEYS[2] due zset
-- ARGV[1] now, ms
-- Reply: 1, or 0 when it was not switched off.
if redis.call('HDEL', KEYS[1], 'disabled_ms', 'disabled_status') == 0 then return 0 end
for _, lane in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do redis.call('ZADD', KEYS[2], ARGV[1], lane) end
return 1
