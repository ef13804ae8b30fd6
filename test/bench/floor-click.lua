-- KEYS[1] visitor   KEYS[2] log   ARGV[1] click id   Reply: click id
redis.call('SET', KEYS[1], ARGV[1], 'NX', 'EX', 3600)
redis.call('XADD', KEYS[2], '*', 'click', ARGV[1])
return ARGV[1]
