-- Remembers a nonce, once.
-- KEYS[1]  the nonce's key
-- ARGV[1]  seconds to remember it for
-- Returns 1 when it was new and is stored now, 0 when it was seen before (the first one's expiry stays as it is).
if redis.call('SET', KEYS[1], '', 'NX', 'EX', ARGV[1]) then
  return 1
end
return 0
