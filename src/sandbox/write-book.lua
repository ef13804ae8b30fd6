-- A sandbox lender's book is opened, or changed by what the lender was told.
--
-- KEYS[1] books     hash: application id → book        KEYS[2] index  zset: application ids, all of score 0
-- KEYS[3] horizons  hash: application id → ms          KEYS[4] due    zset: application id by its next transmission
-- KEYS[5] totals    hash: figure of a day → value
-- ARGV[1] application id  ARGV[2] the book that is replaced, '' for none  ARGV[3] the book
-- ARGV[4] when what changes it happens, ms  ARGV[5] next transmission in ms, '' for none  then pairs: figure, increment
--
-- Reply: 1 when it was written, 0 when the book or the horizon is another by now.
local id = ARGV[1]
if (redis.call('HGET', KEYS[1], id) or '') ~= ARGV[2] then return 0 end
local horizon = redis.call('HGET', KEYS[3], id)
if horizon and tonumber(ARGV[4]) <= tonumber(horizon) then return 0 end
redis.call('HSET', KEYS[1], id, ARGV[3])
redis.call('ZADD', KEYS[2], 0, id)
if ARGV[5] == '' then redis.call('ZREM', KEYS[4], id) else redis.call('ZADD', KEYS[4], ARGV[5], id) end
for at = 6, #ARGV, 2 do redis.call('HINCRBY', KEYS[5], ARGV[at], ARGV[at + 1]) end
return 1
