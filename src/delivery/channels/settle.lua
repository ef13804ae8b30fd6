-- Writes down what became of deliveries of a channel, if the writer still looks after the partner.
-- KEYS[1] lease   KEYS[2] state hash   KEYS[3] due zset   KEYS[4] queue zset   KEYS[5] records hash
-- KEYS[6] index   zset: every delivery with a record by when its event was told
-- KEYS[7] done    zset: delivered ones by when, the latest
-- KEYS[8] told    hash: lane → what was last told of its money (JSON)
-- ARGV[1] owner   ARGV[2] now, ms   ARGV[3] delivered ones to keep
-- then seven values each: name, a, b, c, d, e, f
--   keep  delivery lane member record due told-at: it waits in its lane; due counts where it is the first
--   leave delivery lane member record '1' = delivered told-at: it waits no longer; the next of its lane is due
--   state field value: a field of the channel (value '' = gone)
--   told  lane text: what the lane has been told of its money
--   forward: everything that waits is due now
-- Reply: 1, or 0 when somebody else looks after the partner; then nothing was written.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end

local function first_of(lane)
  return redis.call('ZRANGE', KEYS[4], '[' .. lane .. '|', '(' .. lane .. '}', 'BYLEX', 'LIMIT', 0, 1)[1]
end

local function keep(id, lane, member, record, due, told_at)
  redis.call('ZADD', KEYS[4], 0, member)
  redis.call('HSET', KEYS[5], id, record)
  redis.call('ZADD', KEYS[6], told_at, id)
  if first_of(lane) == member then redis.call('ZADD', KEYS[3], due, lane) end
end

local function leave(id, lane, member, record, delivered, told_at)
  local was_first = first_of(lane) == member
  redis.call('ZREM', KEYS[4], member)
  redis.call('HSET', KEYS[5], id, record)
  redis.call('ZADD', KEYS[6], told_at, id)
  if delivered == '1' then redis.call('ZADD', KEYS[7], ARGV[2], id) end
  if was_first then
    if first_of(lane) then redis.call('ZADD', KEYS[3], ARGV[2], lane) else redis.call('ZREM', KEYS[3], lane) end
  end
end

for at = 4, #ARGV, 7 do
  local name, a, b, c, d, e, f = unpack(ARGV, at, at + 6)
  if name == 'keep' then keep(a, b, c, d, e, f)
  elseif name == 'leave' then leave(a, b, c, d, e, f)
  elseif name == 'forward' then
    for _, lane in ipairs(redis.call('ZRANGE', KEYS[3], 0, -1)) do redis.call('ZADD', KEYS[3], ARGV[2], lane) end
  elseif name == 'told' then redis.call('HSET', KEYS[8], a, b)
  elseif name == 'state' then
    if b == '' then redis.call('HDEL', KEYS[2], a) else redis.call('HSET', KEYS[2], a, b) end
  else return redis.error_reply('unknown change ' .. name) end
end

local surplus = redis.call('ZCARD', KEYS[7]) - tonumber(ARGV[3])
if surplus > 0 then
  for _, id in ipairs(redis.call('ZRANGE', KEYS[7], 0, surplus - 1)) do
    redis.call('HDEL', KEYS[5], id)
    redis.call('ZREM', KEYS[6], id)
  end
  redis.call('ZREMRANGEBYRANK', KEYS[7], 0, surplus - 1)
end
return 1
