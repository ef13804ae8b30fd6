-- Takes applications of one lender and shard whose first delivery is due, for one sender: each is out of everybody else's
-- sight until the sender has finished or is lost. So nothing of an application is sent while something earlier of it is.
--
-- KEYS[1] outbox of the lender   zset: application by due time in ms; in the fraction attempts (4/1024), held, claimed (1/1024)
-- KEYS[2] lanes                  zset: lender by when the first of its deliveries is due
-- ARGV[1] now, ms   ARGV[2] due again at, ms, should the sender be lost   ARGV[3] at most so many   ARGV[4] lender
--
-- Reply: when the next one is due ('' = there is none), then of each: application, score as it was, score now.
-- The fraction of a score is below 1, so everything due at `now` has a score below now + 1.
local function number(value) return string.format('%.17g', value) end

local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. number(tonumber(ARGV[1]) + 1),
  'WITHSCORES', 'LIMIT', 0, ARGV[3])
local reply = { '' }
for at = 1, #due, 2 do
  local score = tonumber(due[at + 1])
  local units = math.floor((score - math.floor(score)) * 1024 + 0.5)
  local attempts = math.floor(units / 4)
  -- Whoever had it was lost, and may have sent it.
  if units % 2 == 1 then attempts = math.min(attempts + 1, 255) end
  local claimed = number(tonumber(ARGV[2]) + (attempts * 4 + 1) / 1024)
  redis.call('ZADD', KEYS[1], 'XX', claimed, due[at])
  reply[#reply + 1] = due[at]
  reply[#reply + 1] = number(math.floor(score) + attempts * 4 / 1024)
  reply[#reply + 1] = claimed
end
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
redis.call('ZADD', KEYS[2], first[2] or '+inf', ARGV[4])
reply[1] = first[2] or ''
return reply
