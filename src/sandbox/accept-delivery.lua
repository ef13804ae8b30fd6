-- A sandbox lender takes a delivery once: remembers its answer, its document and everything that will follow from it.
--
-- KEYS[1] answers   hash: delivery id → answer    KEYS[2] documents hash: our id → document
-- KEYS[3] steps     hash: step id → event         KEYS[4] due       zset: step id by due time
-- ARGV[1] delivery id  ARGV[2] answer  ARGV[3] our id of the thing  ARGV[4] document
-- then any number of steps, three values each: id, due time in ms, event
--
-- Reply: the answer that was there already, or nil when this one was taken.
local known = redis.call('HGET', KEYS[1], ARGV[1])
if known then return known end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
if redis.call('HSETNX', KEYS[2], ARGV[3], ARGV[4]) == 0 then return ARGV[2] end
for at = 5, #ARGV, 3 do
  redis.call('HSET', KEYS[3], ARGV[at], ARGV[at + 2])
  redis.call('ZADD', KEYS[4], ARGV[at + 1], ARGV[at])
end
return false
