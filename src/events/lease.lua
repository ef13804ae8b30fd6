-- Takes, renews or gives up the lease of a shard.
-- KEYS[1] lease hash: owner, fence   KEYS[2] fence counter
-- ARGV[1] owner   ARGV[2] lifetime in ms (0 = give up)
-- Reply: the fencing number when the caller holds the lease now, else 0.
local owner = redis.call('HGET', KEYS[1], 'owner')
if ARGV[2] == '0' then
  if owner == ARGV[1] then redis.call('DEL', KEYS[1]) end
  return 0
end
if owner and owner ~= ARGV[1] then return 0 end
local fence
if owner then
  fence = tonumber(redis.call('HGET', KEYS[1], 'fence'))
else
  fence = redis.call('INCR', KEYS[2])
  redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'fence', fence)
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return fence
