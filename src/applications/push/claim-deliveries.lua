-- Takes due deliveries of one shard for one sender: each is moved out of sight until the sender has finished or is lost.
--
-- KEYS[1] outbox  zset: delivery by due time in ms, failed attempts in the fraction
-- ARGV[1] now, ms   ARGV[2] due again at, ms, should the sender be lost   ARGV[3] at most so many
--
-- Reply: member, score as it was, member, score, …
-- The fraction of a score is below 1, so everything due at `now` has a score below now + 1.
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. string.format('%.0f', tonumber(ARGV[1]) + 1),
  'WITHSCORES', 'LIMIT', 0, ARGV[3])
for at = 1, #due, 2 do
  local score = tonumber(due[at + 1])
  local attempts = score - math.floor(score)
  redis.call('ZADD', KEYS[1], 'XX', string.format('%.17g', tonumber(ARGV[2]) + attempts), due[at])
end
return due
