-- Adds one event to the totals of a lender's day, once, however often the event is applied.
--
-- Events of one application are applied in order, so the place of the last one counted is mark enough: everything at or
-- before it is passed over.
--
-- KEYS[1] marks   hash: application → stream id of the last event counted
-- KEYS[2] loans   hash: loan → what is kept of it (JSON)
-- KEYS[3] day     hash of counters of product and day   KEYS[4] month  the same by month
-- KEYS[5] months  zset, by text: product and month that something was counted in
-- ARGV[1] application   ARGV[2] stream id   ARGV[3] loan id ('' = none)   ARGV[4] loan, JSON   ARGV[5] product and month
-- then pairs: counter, amount
--
-- Reply: 1 counted, 0 it had been counted before.
local function parts(position)
  local time, sequence = string.match(position, '^(%d+)-(%d+)$')
  return tonumber(time), tonumber(sequence)
end

local mark = redis.call('HGET', KEYS[1], ARGV[1])
if mark then
  local mark_time, mark_sequence = parts(mark)
  local time, sequence = parts(ARGV[2])
  if time < mark_time or (time == mark_time and sequence <= mark_sequence) then return 0 end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
if ARGV[3] ~= '' then redis.call('HSET', KEYS[2], ARGV[3], ARGV[4]) end
redis.call('ZADD', KEYS[5], 0, ARGV[5])
for at = 6, #ARGV, 2 do
  redis.call('HINCRBY', KEYS[3], ARGV[at], ARGV[at + 1])
  redis.call('HINCRBY', KEYS[4], ARGV[at], ARGV[at + 1])
end
return 1
