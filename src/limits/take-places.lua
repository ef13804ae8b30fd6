-- Gives a member its place under one or two caps of a day, or under neither.
--
-- KEYS[1] first   KEYS[2] second   sets: who has a place that day
-- ARGV[1] member   ARGV[2] seconds to keep the day   ARGV[3] limit of the first   ARGV[4] limit of the second ('' = there is none)
--
-- Reply: 0 the member has its places (also when it had them before); 1 or 2: that cap is full, nothing was taken.
local function is_full(key, limit)
  return redis.call('SISMEMBER', key, ARGV[1]) == 0 and redis.call('SCARD', key) >= tonumber(limit)
end

local function take(key)
  redis.call('SADD', key, ARGV[1])
  if redis.call('SCARD', key) == 1 then redis.call('EXPIRE', key, ARGV[2]) end
end

if is_full(KEYS[1], ARGV[3]) then return 1 end
if ARGV[4] ~= '' then
  if is_full(KEYS[2], ARGV[4]) then return 2 end
  take(KEYS[2])
end
take(KEYS[1])
return 0
