-- Replaces one state document and appends its events, or nothing at all.
--
-- KEYS[1] state   hash: v (version), doc (JSON)
-- KEYS[2] log     stream of the shard
-- KEYS[3] intents zset   KEYS[4] timers zset
-- KEYS[5] inbox   hash of the lender's event ids
-- KEYS[6] sealed  string
-- KEYS[7] messages hash of sealed messages to the lender
-- then, where an effect touches the outbox: deliveries (hash), queue of the application (zset), of the lender waiting
--   (zset), outbox (zset), of the shard lanes (zset), dead (hash), of the lender dead (zset)
-- ARGV[1] version the caller has read ('0' = the state must not exist yet)
-- ARGV[2] new document, JSON ('' = the document stays, only effects are written)
-- ARGV[3] wake channel   ARGV[4] shard number
-- ARGV[5] number of events n, then n events as JSON
-- then any number of effects, four values each: name, index of the key, a, b
--   ZADD k score member | ZREM k member '' | HSET k field value | HDEL k field '' | SET k value '' | DEL k '' ''
--   and for the outbox: name, time in ms, a, b
--   QUEUE due id text: a delivery takes its place behind those of its application; one that is there, or dead, stays as it is
--   LEAVE now id dead: it is answered, dropped, or given up (`dead` = JSON why); the next of its application is due
--   LEAVE_ALL '' application lender: nothing of the application is to be sent any more
--
-- Reply: {1, new version, stream ids…} written; {0, version, document} somebody else was first, nothing written.
local version = redis.call('HGET', KEYS[1], 'v') or '0'
if version ~= ARGV[1] then
  return { 0, version, redis.call('HGET', KEYS[1], 'doc') or '' }
end

local FIXED = 7
local deliveries, queue, waiting, outbox = KEYS[FIXED + 1], KEYS[FIXED + 2], KEYS[FIXED + 3], KEYS[FIXED + 4]
local lanes, dead, dead_of_lender = KEYS[FIXED + 5], KEYS[FIXED + 6], KEYS[FIXED + 7]

-- Whose delivery it is: a delivery's text is kind|application|lender and more.
local function owners(text)
  local _, application, lender = text:match('^([^|]*)|([^|]*)|([^|]*)')
  return application, lender
end

local function queue_delivery(due, id, text)
  if redis.call('HSETNX', deliveries, id, text) == 0 then return end
  local application, lender = owners(text)
  local time = redis.call('TIME')
  local place = tonumber(time[1]) * 1000000 + tonumber(time[2])
  local last = redis.call('ZRANGE', queue, -1, -1, 'WITHSCORES')
  if last[2] and tonumber(last[2]) >= place then place = tonumber(last[2]) + 1 end
  place = string.format('%.0f', place)
  redis.call('ZADD', queue, place, id)
  redis.call('ZADD', waiting, place, id)
  if redis.call('ZADD', outbox, 'NX', due, application) == 1 then redis.call('ZADD', lanes, 'LT', due, lender) end
end

local function leave(now, id, why)
  local text = redis.call('HGET', deliveries, id)
  if not text then return end
  local application, lender = owners(text)
  local was_first = redis.call('ZRANGE', queue, 0, 0)[1] == id
  redis.call('ZREM', queue, id)
  redis.call('ZREM', waiting, id)
  if why == '' then
    redis.call('HDEL', deliveries, id)
    redis.call('HDEL', dead, id)
    redis.call('ZREM', dead_of_lender, id)
  else
    redis.call('HSET', dead, id, why)
    redis.call('ZADD', dead_of_lender, now, id)
  end
  if not was_first then return end
  if redis.call('ZCARD', queue) == 0 then
    redis.call('ZREM', outbox, application)
  else
    redis.call('ZADD', outbox, now, application)
    redis.call('ZADD', lanes, 'LT', now, lender)
  end
end

local function leave_all(application)
  for _, id in ipairs(redis.call('ZRANGE', queue, 0, -1)) do
    redis.call('ZREM', waiting, id)
    redis.call('HDEL', deliveries, id)
  end
  redis.call('DEL', queue)
  redis.call('ZREM', outbox, application)
end

local reply = { 1, version }
if ARGV[2] ~= '' then
  version = string.format('%d', tonumber(version) + 1)
  reply[2] = version
  redis.call('HSET', KEYS[1], 'v', version, 'doc', ARGV[2])
end

local effect_keys = { [3] = KEYS[3], [4] = KEYS[4], [5] = KEYS[5], [6] = KEYS[6], [7] = KEYS[7] }
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
  elseif name == 'QUEUE' then queue_delivery(ARGV[at + 1], a, b)
  elseif name == 'LEAVE' then leave(ARGV[at + 1], a, b)
  elseif name == 'LEAVE_ALL' then leave_all(a)
  else return redis.error_reply('unknown effect ' .. name) end
end
if count > 0 then redis.call('PUBLISH', ARGV[3], ARGV[4]) end
return reply
