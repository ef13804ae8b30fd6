-- Makes the next generation of our signing key, unless one waits already for its overlap to pass.
-- KEYS[1]  hash of generations
-- ARGV[1]  id of this rotation: asked again under it, the answer is the same
-- ARGV[2]  now, epoch milliseconds
-- ARGV[3]  when the new generation signs, epoch milliseconds
-- ARGV[4]  the rest of what is kept of it, JSON
-- Returns {1, number of the generation that was made}, or {0, number of the one that waits}.
local latest = tonumber(redis.call('HGET', KEYS[1], 'latest') or '1')
if redis.call('HGET', KEYS[1], 'rotation') == ARGV[1] then
  return {1, latest}
end
if tonumber(redis.call('HGET', KEYS[1], 'signs_from') or '0') > tonumber(ARGV[2]) then
  return {0, latest}
end
local made = latest + 1
redis.call('HSET', KEYS[1], 'latest', made, 'rotation', ARGV[1], 'signs_from', ARGV[3], 'g:' .. made, ARGV[4])
return {1, made}
