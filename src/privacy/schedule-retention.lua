-- Notes when an application's sealed data is to be erased, as judged from a version of it.
-- KEYS[1] application (hash: v, doc)   KEYS[2] retention zset   KEYS[3] sealed record
-- ARGV[1] version that was judged   ARGV[2] application id   ARGV[3] due time, ms
-- Reply: 1 noted (or there is nothing to erase), 0 the application has changed since
if redis.call('HGET', KEYS[1], 'v') ~= ARGV[1] then return 0 end
if redis.call('EXISTS', KEYS[3]) == 0 then
  redis.call('ZREM', KEYS[2], ARGV[2])
else
  redis.call('ZADD', KEYS[2], ARGV[3], ARGV[2])
end
return 1
