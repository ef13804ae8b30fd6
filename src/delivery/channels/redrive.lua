-- Takes a delivery up again, at its old place in its lane, due at once where it is the first.
-- KEYS[1] due zset   KEYS[2] queue zset   KEYS[3] records hash
-- ARGV[1] delivery   ARGV[2] lane   ARGV[3] member   ARGV[4] record as the caller has read it   ARGV[5] record from now on
-- ARGV[6] now, ms
-- Reply: 1, or 0 when the record is another one by now; then nothing was done.
if redis.call('HGET', KEYS[3], ARGV[1]) ~= ARGV[4] then return 0 end
redis.call('HSET', KEYS[3], ARGV[1], ARGV[5])
redis.call('ZADD', KEYS[2], 0, ARGV[3])
local lane = ARGV[2]
local first = redis.call('ZRANGE', KEYS[2], '[' .. lane .. '|', '(' .. lane .. '}', 'BYLEX', 'LIMIT', 0, 1)[1]
if first == ARGV[3] then redis.call('ZADD', KEYS[1], ARGV[6], lane) end
return 1
