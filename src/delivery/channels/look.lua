-- What a channel has to do now, for the process that looks after its partner.
-- KEYS[1] lease    string: who looks after the partner
-- KEYS[2] state    hash: cursor, target, disabled_ms …
-- KEYS[3] due      zset: lane by when the first of its deliveries is due, ms
-- KEYS[4] queue    zset, by text: lane|place|delivery
-- KEYS[5] records  hash: delivery → JSON
-- KEYS[6] feed     stream
-- ARGV[1] owner   ARGV[2] now, ms   ARGV[3] lanes at most   ARGV[4] entries at most   ARGV[5] fingerprint of the target
-- ARGV[6] how long before it was first seen a channel begins, ms
--
-- A channel that nobody has seen begins a little in the past, by the clock that the feed's places are made of: what happened
-- between the file being read by one process and this look is not lost. Another target than last time is not disabled, and
-- is due everything at once; what has to be sent there is another question.
-- Reply: 'lost', or {state as a flat list, records of the due, entries of the feed, next due time or ''}.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'lost' end

if redis.call('HEXISTS', KEYS[2], 'cursor') == 0 then
  local time = redis.call('TIME')
  local since = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) - tonumber(ARGV[6])
  redis.call('HSET', KEYS[2], 'cursor', string.format('%.0f-0', since), 'target', ARGV[5])
elseif redis.call('HGET', KEYS[2], 'target') ~= ARGV[5] then
  redis.call('HSET', KEYS[2], 'target', ARGV[5])
  redis.call('HDEL', KEYS[2], 'disabled_ms', 'disabled_status')
  for _, lane in ipairs(redis.call('ZRANGE', KEYS[3], 0, -1)) do redis.call('ZADD', KEYS[3], ARGV[2], lane) end
end

local records = {}
for _, lane in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', ARGV[2], 'LIMIT', 0, ARGV[3])) do
  local member = redis.call('ZRANGE', KEYS[4], '[' .. lane .. '|', '(' .. lane .. '}', 'BYLEX', 'LIMIT', 0, 1)[1]
  local record = member and redis.call('HGET', KEYS[5], string.match(member, '[^|]*$'))
  if record then records[#records + 1] = record else redis.call('ZREM', KEYS[3], lane) end
end

local entries = {}
if tonumber(ARGV[4]) > 0 then
  entries = redis.call('XRANGE', KEYS[6], '(' .. redis.call('HGET', KEYS[2], 'cursor'), '+', 'COUNT', ARGV[4])
end
return { redis.call('HGETALL', KEYS[2]), records, entries, redis.call('ZRANGE', KEYS[3], 0, 0, 'WITHSCORES')[2] or '' }
