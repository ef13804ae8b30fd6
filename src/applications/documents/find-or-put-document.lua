-- Finds the document that holds the same bytes, or records a new one. Whoever has just stored a file for a new one learns here
-- whether it is needed.
-- KEYS[1] pointer: id of the document with these bytes (string)   KEYS[2] record of a new one (hash)
-- KEYS[3] record of the one that the pointer was read to name (hash; that of the new one when it named none)
-- KEYS[4] its uses (hash)   KEYS[5] documents by when to look at them again (zset)
-- ARGV[1] id that the pointer was read to hold, '' = none   ARGV[2] id of the new one, '' = only look
-- ARGV[3] now   ARGV[4] when an unused document ends (both business ms)   ARGV[5…] fields and values of a new one
-- Reply: {'moved'} the pointer holds something else by now | {'found', id} | {'put'} | {'none'}
local named = redis.call('GET', KEYS[1]) or ''
if named ~= ARGV[1] then return {'moved'} end
if named ~= '' and redis.call('HGET', KEYS[3], 'state') == 'stored' then
  local isUsed = redis.call('EXISTS', KEYS[4]) == 1
  local expires = tonumber(redis.call('HGET', KEYS[3], 'expires'))
  if isUsed or expires > tonumber(ARGV[3]) then
    redis.call('HSET', KEYS[3], 'expires', ARGV[4])
    if not isUsed then redis.call('ZADD', KEYS[5], ARGV[4], named) end
    return {'found', named}
  end
end
if ARGV[2] == '' then return {'none'} end
redis.call('HSET', KEYS[2], 'state', 'stored', 'expires', ARGV[4], unpack(ARGV, 5))
redis.call('SET', KEYS[1], ARGV[2])
redis.call('ZADD', KEYS[5], ARGV[4], ARGV[2])
return {'put'}
