-- Writes one account, if no account was written since the caller has read them all, and keeps the index of tokens.
--
-- A repeated call after a lost reply finds the account as it would write it, and answers that it is written.
--
-- KEYS[1] operators         hash: name -> account (JSON); '#rev' -> number of writes
-- KEYS[2] operators:tokens  hash: SHA-256 of a valid token -> name
--
-- ARGV[1] rev that the caller has read, [2] name, [3] account JSON
-- ARGV[4] SHA-256 of the token that ends ('' = none), [5] of the one that begins ('' = none)
--
-- Reply: 1 written; 0 somebody else was first.
if redis.call('HGET', KEYS[1], ARGV[2]) == ARGV[3] then return 1 end
if (redis.call('HGET', KEYS[1], '#rev') or '0') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
redis.call('HINCRBY', KEYS[1], '#rev', 1)
if ARGV[4] ~= '' then redis.call('HDEL', KEYS[2], ARGV[4]) end
if ARGV[5] ~= '' then redis.call('HSET', KEYS[2], ARGV[5], ARGV[2]) end
return 1
