-- Raises an alarm, or says that the one that is on was seen again. Forgets what is too old or too many.
--
-- KEYS[1] alarms   hash: id → alarm (JSON), id:seen, id:ended, id:acknowledged (JSON)
-- KEYS[2] on       hash: partner and kind → id of the alarm that is on
-- KEYS[3] times    zset: id by the time it was raised, ms
-- ARGV[1] partner and kind   ARGV[2] id for a new one   ARGV[3] the alarm   ARGV[4] how it was seen
-- ARGV[5] now, ms   ARGV[6] ms to keep   ARGV[7] most that are kept
--
-- Reply: id of the alarm; it is ARGV[2] when this raised it.
local known = redis.call('HGET', KEYS[2], ARGV[1])
if known then
  redis.call('HSET', KEYS[1], known .. ':seen', ARGV[4])
  return known
end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3], ARGV[2] .. ':seen', ARGV[4])
redis.call('ZADD', KEYS[3], ARGV[5], ARGV[2])
local is_on = {}
for _, id in ipairs(redis.call('HVALS', KEYS[2])) do is_on[id] = true end
local old = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', ARGV[5] - ARGV[6])
local over = redis.call('ZCARD', KEYS[3]) - tonumber(ARGV[7])
if over > #old then old = redis.call('ZRANGE', KEYS[3], 0, over - 1) end
for _, id in ipairs(old) do
  if not is_on[id] then
    redis.call('HDEL', KEYS[1], id, id .. ':seen', id .. ':ended', id .. ':acknowledged')
    redis.call('ZREM', KEYS[3], id)
  end
end
return ARGV[2]
