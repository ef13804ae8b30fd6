-- Puts a newly sealed text in the place of the one it was made from, unless that was replaced or erased meanwhile.
-- KEYS[1] sealed text (string)
-- ARGV[1] text that was read   ARGV[2] the same data, sealed anew
-- Reply: 1 replaced (or it is there already), 0 something else is there
local held = redis.call('GET', KEYS[1])
if held == ARGV[2] then return 1 end
if held ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1
