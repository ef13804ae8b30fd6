-- Adds one event to a partner's funnel, once, however often the event is applied.
--
-- The log may hand over an event again: after a crash between this script and the reader's cursor, after a lost reply, when
-- an operator re-drives what was parked, when the projection is rewound to the beginning. What it guarantees is the order
-- within a subject: later events of a subject wait behind a parked one. Hence one mark a subject, the place of the last
-- event counted, and everything at or before the mark is skipped. A mark a shard would not do: events of other subjects
-- pass a parked one, and its turn comes when the shard's mark is already beyond it. A set of all event ids would do, at
-- several times the size. Marks stay as long as the log, which can be replayed as a whole and is larger than they are.
--
-- KEYS[1] marks   hash: subject → stream id of the last event counted
-- KEYS[2] total   hash of counters, and the same for KEYS[3] product, KEYS[4] link, KEYS[5] day, KEYS[6] link and day
-- ARGV[1] subject   ARGV[2] stream id of the event in the subject's shard
-- ARGV[3] '1' when it has a product   ARGV[4] '1' when it has a link   ARGV[5] seconds to keep the day of a link
-- then three values each: measure, amount, '1' = only when nothing of this subject has been counted before
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

local counters = { KEYS[2], KEYS[5] }
if ARGV[3] == '1' then counters[#counters + 1] = KEYS[3] end
if ARGV[4] == '1' then
  counters[#counters + 1] = KEYS[4]
  counters[#counters + 1] = KEYS[6]
end
for at = 6, #ARGV, 3 do
  if ARGV[at + 2] ~= '1' or not mark then
    for _, key in ipairs(counters) do redis.call('HINCRBY', key, ARGV[at], ARGV[at + 1]) end
  end
end
if ARGV[4] == '1' then redis.call('EXPIRE', KEYS[6], ARGV[5]) end
return 1
