-- Transmissions of a book were answered: each counts once, however often it is written down.
--
-- KEYS[1] books  hash: application id → book    KEYS[2] due     zset: application id by time
-- KEYS[3] sent   hash: application id → transmissions answered
-- KEYS[4] totals hash: figure of a day → value  KEYS[5] refused hash: application id → refused events
-- ARGV[1] application id  ARGV[2] the book as it was reported  ARGV[3] answered before  ARGV[4] answered now
-- ARGV[5] next transmission in ms, '' for none  ARGV[6] now in ms  ARGV[7] refused events, '' for no change
-- then pairs: figure, increment
local id = ARGV[1]
if (redis.call('HGET', KEYS[3], id) or '0') == ARGV[3] and ARGV[3] ~= ARGV[4] then
  redis.call('HSET', KEYS[3], id, ARGV[4])
  if ARGV[7] ~= '' then redis.call('HSET', KEYS[5], id, ARGV[7]) end
  for at = 8, #ARGV, 2 do redis.call('HINCRBY', KEYS[4], ARGV[at], ARGV[at + 1]) end
end
-- Changed meanwhile: it is looked at again at once.
local unchanged = redis.call('HGET', KEYS[1], id) == ARGV[2]
if not unchanged then
  redis.call('ZADD', KEYS[2], ARGV[6], id)
elseif ARGV[5] == '' then
  redis.call('ZREM', KEYS[2], id)
else
  redis.call('ZADD', KEYS[2], ARGV[5], id)
end
return false
