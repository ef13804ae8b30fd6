-- Writes the events of billable clicks and moves the place up to which a shard's arrivals are counted, in one step.
-- KEYS[1] that place (string)   KEYS[2] event log of the shard
-- ARGV[1] the place as it was read, '0-0' = nothing counted yet   ARGV[2] the new one   ARGV[3] wake channel   ARGV[4] shard
-- then the events (JSON)
-- Reply: 1 written, 0 somebody else has counted meanwhile.
if (redis.call('GET', KEYS[1]) or '0-0') ~= ARGV[1] then return 0 end
for at = 5, #ARGV do redis.call('XADD', KEYS[2], '*', 'e', ARGV[at]) end
redis.call('SET', KEYS[1], ARGV[2])
if #ARGV > 4 then redis.call('PUBLISH', ARGV[3], ARGV[4]) end
return 1
