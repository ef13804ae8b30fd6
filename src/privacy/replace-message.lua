-- Puts a newly sealed message in the place of the one it was made from, unless that was delivered, replaced or erased.
-- KEYS[1] messages of an application (hash)
-- ARGV[1] delivery   ARGV[2] text that was read   ARGV[3] the same data, sealed anew
-- Reply: 1 replaced (or it is there already), 0 something else is there
local held = redis.call('HGET', KEYS[1], ARGV[1])
if held == ARGV[3] then return 1 end
if held ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1
