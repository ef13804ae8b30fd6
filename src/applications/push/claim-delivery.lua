-- Takes one delivery for the operation that has just made it, if nobody else has taken it.
--
-- KEYS[1] outbox  zset: delivery by due time in ms, failed attempts in the fraction
-- ARGV[1] member   ARGV[2] taken by somebody if it is due after this, ms   ARGV[3] due again at, ms, should the sender be lost
--
-- Reply: its score as it was; false when it is not there, or taken.
local score = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not score then return false end
local due = tonumber(score)
if due > tonumber(ARGV[2]) then return false end
redis.call('ZADD', KEYS[1], 'XX', string.format('%.17g', tonumber(ARGV[3]) + due - math.floor(due)), ARGV[1])
return score
