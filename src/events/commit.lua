-- Replaces one state document and appends its events, or nothing at all.
--
-- KEYS[1] state   hash: v (version), doc (JSON)
-- KEYS[2] log     stream of the shard
-- KEYS[3] intents zset   KEYS[4] outbox zset   KEYS[5] timers zset
-- KEYS[6] inbox   hash of the lender's event ids
-- KEYS[7] sealed  string
-- KEYS[8] messages hash of sealed messages to the lender
-- ARGV[1] version the caller has read ('0' = the state must not exist yet)
-- ARGV[2] new document, JSON ('' = the document stays, only effects are written)
-- ARGV[3] wake channel   ARGV[4] shard number
-- ARGV[5] number of events n, then n events as JSON
-- then any number of effects, four values each: name, index of the key, a, b
--   ZADD k score member | ZREM k member '' | HSET k field value | HDEL k field '' | SET k value '' | DEL k '' ''
--
-- Reply: {1, new version, stream ids…} written; {0, version, document} somebody else was first, nothing written.
local version = redis.call('HGET', KEYS[1], 'v') or '0'
if version ~= ARGV[1] then
  return { 0, version, redis.call('HGET', KEYS[1], 'doc') or '' }
end

local reply = { 1, version }
if ARGV[2] ~= '' then
  version = string.format('%d', tonumber(version) + 1)
  reply[2] = version
  redis.call('HSET', KEYS[1], 'v', version, 'doc', ARGV[2])
end

local effect_keys = { [3] = KEYS[3], [4] = KEYS[4], [5] = KEYS[5], [6] = KEYS[6], [7] = KEYS[7], [8] = KEYS[8] }
local count = tonumber(ARGV[5])
for index = 1, count do
  reply[#reply + 1] = redis.call('XADD', KEYS[2], '*', 'e', ARGV[5 + index])
end
for at = 6 + count, #ARGV, 4 do
  local name, key, a, b = ARGV[at], effect_keys[tonumber(ARGV[at + 1])], ARGV[at + 2], ARGV[at + 3]
  if name == 'ZADD' then redis.call('ZADD', key, a, b)
  elseif name == 'ZREM' then redis.call('ZREM', key, a)
  elseif name == 'HSET' then redis.call('HSET', key, a, b)
  elseif name == 'HDEL' then redis.call('HDEL', key, a)
  elseif name == 'SET' then redis.call('SET', key, a)
  elseif name == 'DEL' then redis.call('DEL', key)
  else return redis.error_reply('unknown effect ' .. name) end
end
if count > 0 then redis.call('PUBLISH', ARGV[3], ARGV[4]) end
return reply
