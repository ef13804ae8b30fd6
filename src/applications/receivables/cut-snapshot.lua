-- Keeps a month's snapshot, once: whoever comes second finds it there.
--
-- KEYS[1] snapshot  hash: cut_at, row number → row (JSON)
-- KEYS[2] last      string: the latest month that was cut, YYYY-MM
-- ARGV[1] month   ARGV[2] when it was cut   then rows
--
-- Reply: 1 kept, 0 it was there.
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'cut_at', ARGV[2])
for at = 3, #ARGV do redis.call('HSET', KEYS[1], tostring(at - 3), ARGV[at]) end
local last = redis.call('GET', KEYS[2])
if not last or last < ARGV[1] then redis.call('SET', KEYS[2], ARGV[1]) end
return 1
