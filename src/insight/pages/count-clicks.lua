-- Counts clicks that got a variant, each once, though the same part of a click log may come again, cut otherwise.
-- KEYS[1] marks (hash: '<link>|<shard>' → place up to which its clicks are counted)   KEYS[2] counters of variants; one slot
-- ARGV[1] '<link>|<shard>'   then two values a click, in the order of the log: place, '<split>|<variant>|clicks'
-- Reply: clicks that counted
local function parts(place)
  local time, sequence = string.match(place, '^(%d+)-(%d+)$')
  return tonumber(time), tonumber(sequence)
end
local time, sequence = parts(redis.call('HGET', KEYS[1], ARGV[1]) or '0-0')
local counted = 0
for at = 2, #ARGV, 2 do
  local click_time, click_sequence = parts(ARGV[at])
  if click_time > time or (click_time == time and click_sequence > sequence) then
    counted = counted + 1
    redis.call('HINCRBY', KEYS[2], ARGV[at + 1], 1)
  end
end
if counted > 0 then redis.call('HSET', KEYS[1], ARGV[1], ARGV[#ARGV - 1]) end
return counted
