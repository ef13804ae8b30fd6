-- The totals of a day were taken by the gateway: what is outstanding goes on to the next day, the rest is forgotten.
--
-- KEYS[1] totals   hash: `<day>|<product>|<name>` → value   KEYS[2] carried  hash: `<product>|<name>` → value
-- KEYS[3] days     hash: time zone → last day that was sent
-- ARGV[1] time zone  ARGV[2] day  ARGV[3] how many pairs follow: field, increment  then fields of totals to forget
if (redis.call('HGET', KEYS[3], ARGV[1]) or '') >= ARGV[2] then return false end
redis.call('HSET', KEYS[3], ARGV[1], ARGV[2])
local pairsEnd = 3 + 2 * tonumber(ARGV[3])
for at = 4, pairsEnd, 2 do redis.call('HINCRBY', KEYS[2], ARGV[at], ARGV[at + 1]) end
for at = pairsEnd + 1, #ARGV do redis.call('HDEL', KEYS[1], ARGV[at]) end
return false
