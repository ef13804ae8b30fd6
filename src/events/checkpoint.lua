-- Writes what a worker has done with a shard's log, if it still holds the shard.
-- KEYS[1] lease hash   KEYS[2] cursors hash   KEYS[3] parked hash   KEYS[4] redrive set
-- ARGV[1] owner   ARGV[2] fencing number
-- then three values each: 'cursor' projection position | 'park' field json | 'unpark' field '' | 'done' request ''
-- Reply: 1 written, 0 the lease has passed on and nothing was written.
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] or redis.call('HGET', KEYS[1], 'fence') ~= ARGV[2] then
  return 0
end
for at = 3, #ARGV, 3 do
  local name, field, value = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  if name == 'cursor' then redis.call('HSET', KEYS[2], field, value)
  elseif name == 'park' then redis.call('HSET', KEYS[3], field, value)
  elseif name == 'unpark' then redis.call('HDEL', KEYS[3], field)
  elseif name == 'done' then redis.call('SREM', KEYS[4], field)
  else return redis.error_reply('unknown change ' .. name) end
end
return 1
