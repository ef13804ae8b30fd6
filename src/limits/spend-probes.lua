-- Spends a party's budget of one day, amount by amount, in order: each whole or not at all. While the budget is far from its
-- end, a process may also take some in advance.
--
-- KEYS[1] spent   string: what was spent or taken in advance that day
-- ARGV[1] budget   ARGV[2] seconds to keep the count
-- ARGV[3] wanted in advance   ARGV[4] what must be left then for it to be granted   ARGV[5…] amounts
--
-- Reply: {spent before, granted in advance}. Who asks knows the amounts, and so which of them fitted.
local before = tonumber(redis.call('GET', KEYS[1]) or '0')
local budget, advance = tonumber(ARGV[1]), tonumber(ARGV[3])
local spent = before
for at = 5, #ARGV do
  local amount = tonumber(ARGV[at])
  if spent + amount <= budget then spent = spent + amount end
end
if budget - spent - advance < tonumber(ARGV[4]) then advance = 0 end
if spent + advance > before then
  redis.call('INCRBY', KEYS[1], spent + advance - before)
  if before == 0 then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
end
return { before, advance }
