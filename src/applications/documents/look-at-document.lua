-- Judges a document whose time has come: nobody gets it any more once it is to be removed.
-- KEYS[1] record (hash)   KEYS[2] uses (hash)   KEYS[3] documents by when to look at them again (zset)
-- ARGV[1] document id   ARGV[2] now (business ms)
-- ARGV[3] number of its uses that were found in order, -1 = not looked at
-- ARGV[4] when to look again at one with a use that is not in order   ARGV[5] at one in use (business ms)
-- Reply: 'remove' | 'used' (its uses are to be looked at) | 'kept' | 'gone'
local record = redis.call('HMGET', KEYS[1], 'state', 'expires')
if not record[1] then
  redis.call('ZREM', KEYS[3], ARGV[1])
  return 'gone'
end
if record[1] == 'removing' then return 'remove' end
local uses = redis.call('HLEN', KEYS[2])
if uses > 0 then
  if ARGV[3] == '-1' then return 'used' end
  redis.call('ZADD', KEYS[3], uses == tonumber(ARGV[3]) and ARGV[5] or ARGV[4], ARGV[1])
  return 'kept'
end
if tonumber(record[2]) > tonumber(ARGV[2]) then
  redis.call('ZADD', KEYS[3], record[2], ARGV[1])
  return 'kept'
end
redis.call('HSET', KEYS[1], 'state', 'removing')
return 'remove'
