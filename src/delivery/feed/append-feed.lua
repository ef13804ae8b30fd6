-- Appends one event to a partner's feed, once, however often the event is applied.
--
-- The log may hand over an event again: after a crash between this script and the reader's cursor, after a lost reply, when
-- what was parked is re-driven, when the projection is rewound. What it guarantees is the order within a subject. Hence one
-- mark a subject, the place in the log of the last event appended; everything at or before the mark is skipped. A mark a
-- shard would not do: events of other subjects pass a parked one, and its turn comes when that mark is beyond it.
-- Marks go with the entries of their subjects: whoever calls does not hand over events older than what the feed keeps.
--
-- KEYS[1] feed    stream, field e
-- KEYS[2] marks   hash: subject → stream id in its shard of the last event appended
-- ARGV[1] subject   ARGV[2] stream id of the event in the subject's shard   ARGV[3] entry (JSON)
--
-- Reply: 1 appended, 0 it was there before.
local function parts(position)
  local time, sequence = string.match(position, '^(%d+)-(%d+)$')
  return tonumber(time), tonumber(sequence)
end

local mark = redis.call('HGET', KEYS[2], ARGV[1])
if mark then
  local mark_time, mark_sequence = parts(mark)
  local time, sequence = parts(ARGV[2])
  if time < mark_time or (time == mark_time and sequence <= mark_sequence) then return 0 end
end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
redis.call('XADD', KEYS[1], '*', 'e', ARGV[3])
return 1
