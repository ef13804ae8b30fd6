-- Spends a party's budget of one day, amount by amount, in order: each whole or not at all.
--
-- KEYS[1] spent   string: what was spent that day
-- ARGV[1] budget   ARGV[2] seconds to keep the count   ARGV[3…] amounts
--
-- Reply: what had been spent before. Who asks knows the amounts, and so which of them fitted.
local spent = tonumber(redis.call('GET', KEYS[1]) or '0')
local budget, total = tonumber(ARGV[1]), 0
for at = 3, #ARGV do
  local amount = tonumber(ARGV[at])
  if spent + total + amount <= budget then total = total + amount end
end
if total > 0 then
  redis.call('INCRBY', KEYS[1], total)
  if spent == 0 then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
end
return spent
