-- Notes that an application does not use a document any more.
-- KEYS[1] record (hash)   KEYS[2] uses (hash)   KEYS[3] documents by when to look at them again (zset)
-- ARGV[1] document id   ARGV[2] application id   ARGV[3] now (business ms)
-- ARGV[4] 1 = what nobody uses then is to be removed; 0 = it waits for the end of its upload again
-- Reply: 1 it is to be removed, 0 it stays or is gone
local state = redis.call('HGET', KEYS[1], 'state')
redis.call('HDEL', KEYS[2], ARGV[2])
if not state then
  redis.call('ZREM', KEYS[3], ARGV[1])
  return 0
end
if state == 'removing' then return 1 end
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
if ARGV[4] == '0' then
  redis.call('ZADD', KEYS[3], redis.call('HGET', KEYS[1], 'expires'), ARGV[1])
  return 0
end
redis.call('HSET', KEYS[1], 'state', 'removing')
redis.call('ZADD', KEYS[3], ARGV[3], ARGV[1])
return 1
