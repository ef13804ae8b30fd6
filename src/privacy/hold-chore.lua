-- Takes, renews or gives up a background chore that one process does at a time.
-- KEYS[1] holder (string)
-- ARGV[1] process   ARGV[2] lifetime in ms (0 = give up)
-- Reply: 1 when the process holds the chore now, else 0
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
if ARGV[2] == '0' then
  if holder then redis.call('DEL', KEYS[1]) end
  return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
