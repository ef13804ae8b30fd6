-- Records one arrival through a link: a new click, or the same visitor's click of the window again. Every arrival is an
-- event (raw counts). A replay from the spool keeps the id that the browser was given, and writes nothing the second time.
--
-- KEYS[1] window of the visitor   KEYS[2] window of its second pseudonym (the same key when there is none)
-- KEYS[3] click (hash: doc)   KEYS[4] log of the shard; all in the visitor's shard
-- ARGV[1] id for a new click   ARGV[2] facts as JSON without the closing brace
-- ARGV[3] business time in ms   ARGV[4] the same as RFC 3339   ARGV[5] time of writing, RFC 3339
-- ARGV[6] length of the window in ms, 0 = opens none   ARGV[7] '1' = billable if unique   ARGV[8] '1' = replay
-- ARGV[9] lifetime of a click in ms   ARGV[10] wake channel   ARGV[11] shard
-- Reply: {click id, 1 unique | 0 seen before in the window}
local known = redis.call('GET', KEYS[1])
local id = ARGV[1]
local replay = ARGV[8] == '1'
if replay then
  if redis.call('HEXISTS', KEYS[3], 'doc') == 1 then return { id, 0 } end
elseif known then
  id = known
end
local unique = not known and ARGV[6] ~= '0'
if unique then
  redis.call('SET', KEYS[1], id, 'PX', ARGV[6])
  if KEYS[2] ~= KEYS[1] then redis.call('SET', KEYS[2], id, 'PX', ARGV[6]) end
end
if id == ARGV[1] then
  redis.call('HSET', KEYS[3], 'doc', ARGV[2] .. ',"id":"' .. id .. '","at_ms":' .. ARGV[3] .. '}')
  redis.call('PEXPIRE', KEYS[3], ARGV[9])
end
local billable = unique and ARGV[7] == '1'
redis.call('XADD', KEYS[4], '*', 'e',
  '{"type":"click.recorded","subject":"' .. id .. '","occurred_at":"' .. ARGV[4] .. '","recorded_at":"' .. ARGV[5]
  .. '","context":null,"data":' .. ARGV[2] .. ',"unique":' .. tostring(unique) .. ',"billable":' .. tostring(billable) .. '}}')
redis.call('PUBLISH', ARGV[10], ARGV[11])
return { id, unique and 1 or 0 }
