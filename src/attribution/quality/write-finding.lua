-- Writes a finding with all that changes together with it, if it is still as the caller has read it.
--
-- KEYS[1] findings   hash: id → JSON   KEYS[2] on   hash: partner, link and code → id
-- KEYS[3] times   zset: id by when it began, ms   KEYS[4] the same of its partner
-- KEYS[5] holds   hash: id → JSON   KEYS[6] afresh   hash: partner and link → JSON
-- ARGV[1] id   ARGV[2] JSON as read ('' = it is new)   ARGV[3] JSON to write
-- ARGV[4] partner, link and code   ARGV[5] '1' = it is on, '0' = it is over
-- ARGV[6] when it began, ms   ARGV[7] hold, JSON ('' = as it is)
-- ARGV[8] partner and link   ARGV[9] from when on the link is judged, JSON ('' = as it is)
-- ARGV[10] now, ms   ARGV[11] ms to keep   ARGV[12] most findings that are kept
--
-- Reply: 1 written (or it was already so), 0 somebody else was first.
local current = redis.call('HGET', KEYS[1], ARGV[1]) or ''
if current == ARGV[3] then return 1 end
if current ~= ARGV[2] then return 0 end
local is_on = redis.call('HGET', KEYS[2], ARGV[4])
if ARGV[2] == '' and is_on then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call('ZADD', KEYS[3], ARGV[6], ARGV[1])
redis.call('ZADD', KEYS[4], ARGV[6], ARGV[1])
if ARGV[5] == '1' then
  redis.call('HSET', KEYS[2], ARGV[4], ARGV[1])
elseif is_on == ARGV[1] then
  redis.call('HDEL', KEYS[2], ARGV[4])
end
if ARGV[7] ~= '' then redis.call('HSET', KEYS[5], ARGV[1], ARGV[7]) end
if ARGV[9] ~= '' then redis.call('HSET', KEYS[6], ARGV[8], ARGV[9]) end
if ARGV[2] == '' then
  local old = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', ARGV[10] - ARGV[11], 'LIMIT', 0, 100)
  local over = redis.call('ZCARD', KEYS[3]) - tonumber(ARGV[12])
  if over > #old then old = redis.call('ZRANGE', KEYS[3], 0, over - 1) end
  for _, id in ipairs(old) do
    redis.call('HDEL', KEYS[1], id)
    redis.call('HDEL', KEYS[5], id)
    redis.call('ZREM', KEYS[3], id)
  end
  redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', ARGV[10] - ARGV[11])
end
return 1
