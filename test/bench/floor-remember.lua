-- KEYS[1] nonce   ARGV[1] seconds   Reply: 1 new, 0 seen
return redis.call('SET', KEYS[1], '', 'NX', 'EX', ARGV[1]) and 1 or 0
