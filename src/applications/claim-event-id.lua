-- Notes for which application a lender's event id is used, unless it is used for another one.
--
-- KEYS[1] entry   string: application|since (ms)|nonce
-- ARGV[1] application   ARGV[2] new entry   ARGV[3] lifetime, ms   ARGV[4] an entry of another application to replace, or ''
--
-- Reply: '' noted; else the entry of another application.
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[4] and held:sub(1, #ARGV[1] + 1) ~= ARGV[1] .. '|' then return held end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return ''
