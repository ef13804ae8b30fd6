-- Records one arrival through a link: a new click, or the same visitor's click of the window again. Every arrival is an
-- event (raw counts). A replay from the spool keeps the id that the browser was given, and writes nothing the second time.
--
-- KEYS[1] window of the visitor   KEYS[2] window of its second pseudonym (the same key when there is none)
-- KEYS[3] click (hash: doc)   KEYS[4] log of the shard; all in the visitor's shard
-- ARGV[1] id for a new click   ARGV[2] facts as JSON without the closing brace   ARGV[3] when, RFC 3339
-- ARGV[4] 'billable' or 'free': what a visitor's first click is; 'none': it opens no window
-- ARGV[5] wake channel   ARGV[6] how long a click is kept, ms   ARGV[7] only on a replay: time of writing, RFC 3339
-- Reply: {click id, 1 unique | 0 seen before in the window}
local WINDOW_MS = 3600000 -- an hour
local known = redis.call('GET', KEYS[1])
local id, recorded = ARGV[1], ARGV[7]
if recorded then
  if redis.call('HEXISTS', KEYS[3], 'doc') == 1 then return { id, 0 } end
else
  recorded = ARGV[3]
  if known then id = known end
end
local unique, tail = 0, ',"unique":false,"billable":false}}'
if not known and ARGV[4] ~= 'none' then
  unique = 1
  tail = ARGV[4] == 'billable' and ',"unique":true,"billable":true}}' or ',"unique":true,"billable":false}}'
  redis.call('SET', KEYS[1], id, 'PX', WINDOW_MS)
  if KEYS[2] ~= KEYS[1] then redis.call('SET', KEYS[2], id, 'PX', WINDOW_MS) end
end
if id ~= known then
  redis.call('HSET', KEYS[3], 'doc', ARGV[2] .. ',"id":"' .. id .. '"}')
  redis.call('PEXPIRE', KEYS[3], ARGV[6])
end
redis.call('XADD', KEYS[4], '*', 'e', '{"type":"click.recorded","subject":"' .. id .. '","occurred_at":"' .. ARGV[3]
  .. '","recorded_at":"' .. recorded .. '","context":null,"data":' .. ARGV[2] .. tail)
-- The first byte of an id is its shard.
redis.call('PUBLISH', ARGV[5], tonumber(string.sub(id, 5, 6), 16))
return { id, unique }
