-- Notes that an application uses a document, so that it does not end with its upload.
-- KEYS[1] record (hash)   KEYS[2] uses (hash: application id → real ms)   KEYS[3] documents by when to look at them again (zset)
-- ARGV[1] document id   ARGV[2] partner   ARGV[3] kind   ARGV[4] application id
-- ARGV[5] now (business ms)   ARGV[6] real now   ARGV[7] when to look at it again (business ms)
-- Reply: {} there is none of this partner and kind | {1 noted now or 0 before, field, value, …}
local record = redis.call('HMGET', KEYS[1], 'state', 'partner', 'kind', 'expires')
if record[1] ~= 'stored' or record[2] ~= ARGV[2] or record[3] ~= ARGV[3] then return {} end
if redis.call('EXISTS', KEYS[2]) == 0 and tonumber(record[4]) <= tonumber(ARGV[5]) then return {} end
local isNew = redis.call('HSETNX', KEYS[2], ARGV[4], ARGV[6])
redis.call('ZADD', KEYS[3], ARGV[7], ARGV[1])
return {isNew, unpack(redis.call('HGETALL', KEYS[1]))}
