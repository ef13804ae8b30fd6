-- Switches one link off or on again, and tells every process; nothing at all when it is so already.
--
-- KEYS[1] paused   hash: link code -> pause (JSON), #revision
-- ARGV[1] code   ARGV[2] pause, JSON ('' = on again)   ARGV[3] its reason, alone   ARGV[4] channel
--
-- Reply: {pause as it stands now ('' = none), revision}.
local stored = redis.call('HGET', KEYS[1], ARGV[1]) or ''
local is_same = (stored == '' and ARGV[2] == '')
  or (stored ~= '' and ARGV[2] ~= '' and cjson.decode(stored).reason == ARGV[3])
if is_same then return { stored, redis.call('HGET', KEYS[1], '#revision') or '0' } end
if ARGV[2] == '' then
  redis.call('HDEL', KEYS[1], ARGV[1])
else
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
end
local revision = redis.call('HINCRBY', KEYS[1], '#revision', 1)
redis.call('PUBLISH', ARGV[4], revision .. ' ' .. ARGV[1])
return { ARGV[2], tostring(revision) }
