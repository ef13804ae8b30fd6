-- Records one arrival through a link. Every arrival is an entry; the same visitor's in the window names the click it repeats.
-- KEYS[1] click log (stream)   KEYS[2] window under the cookie's name   KEYS[3] window under the pseudonym; the same key
-- when there is no cookie   KEYS[4] random parts of arrivals that were given up and kept elsewhere
-- (set)   KEYS[5] whether there are any (string). All in the visitor's shard.
-- ARGV[1] facts (text)   ARGV[2] random part of the id   ARGV[3] the window, ms; '0' = every click counts
-- ARGV[4] '1' when it opens a window: not for robots and prefetches, which must not spend it for a person
-- Reply: '' when it was kept elsewhere; place of the entry; or what the window held, which has a colon: '<place>:<random
-- part>' or ':<id>'
local held = redis.call('MGET', KEYS[5], KEYS[2], KEYS[3])
-- What a server that hung finds in its sockets when it goes on has been answered in another way.
if held[1] and redis.call('SISMEMBER', KEYS[4], ARGV[2]) == 1 then return '' end
local known = ARGV[3] ~= '0' and (held[2] or held[3])
local place = redis.call('XADD', KEYS[1], '*', 'c', ARGV[1], 'r', ARGV[2], 'o', known or '')
if known then return known end
if ARGV[4] == '1' then redis.call('SET', KEYS[2], place .. ':' .. ARGV[2], 'PX', ARGV[3]) end
return place
