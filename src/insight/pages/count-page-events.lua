-- Counts what happened on one load of a hosted page. Everything counts once: each event leaves a mark at its click, and what
-- has a mark was told before (a beacon sent again, a script sent again after a lost reply, the server and the page's own script
-- telling of the same thing).
--
-- KEYS[1] marks of the click (hash)   KEYS[2] counters of the day (hash)   KEYS[3] counters of variants (hash); one slot
-- ARGV[1] marks that a click may leave   ARGV[2] how long they are kept, s   ARGV[3] how long the day is kept, s
-- ARGV[4] '<device>|<variant>|' in front of each measure   ARGV[5] '<split>|<variant>|' in front of each step; '' = none
-- then four values an event: mark, measure, second measure or '', step that a click takes once or ''
-- Reply: events that counted
local counted = 0
for at = 6, #ARGV, 4 do
  local mark, measure, second, step = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  if redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[1]) then break end
  if redis.call('HSETNX', KEYS[1], mark, '1') == 1 then
    counted = counted + 1
    redis.call('HINCRBY', KEYS[2], ARGV[4] .. measure, 1)
    if second ~= '' then redis.call('HINCRBY', KEYS[2], ARGV[4] .. second, 1) end
    if step ~= '' and redis.call('HSETNX', KEYS[1], 'once:' .. step, '1') == 1 then
      redis.call('HINCRBY', KEYS[2], ARGV[4] .. 'once:' .. step, 1)
      if ARGV[5] ~= '' then redis.call('HINCRBY', KEYS[3], ARGV[5] .. step, 1) end
    end
  end
end
if counted > 0 then
  redis.call('EXPIRE', KEYS[1], ARGV[2], 'NX')
  redis.call('EXPIRE', KEYS[2], ARGV[3])
end
return counted
