-- Lets one request redeem a hand-off: the others find it taken, until it is spent or given back.
--
-- KEYS[1] handoff  hash: doc, digest, spent (ms), taken (ms of real time until which somebody redeems it)
-- ARGV[1] now, ms of real time   ARGV[2] taken until, ms
--
-- Reply: 1 taken by the caller, 0 spent, taken by another, or not there.
if redis.call('EXISTS', KEYS[1]) == 0 or redis.call('HEXISTS', KEYS[1], 'spent') == 1 then return 0 end
local taken = redis.call('HGET', KEYS[1], 'taken')
if taken and tonumber(taken) > tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'taken', ARGV[2])
return 1
