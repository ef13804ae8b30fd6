-- Adds what one process has counted of one partner's questions, and says whether it is time to judge them.
--
-- KEYS[1] minute   KEYS[2] hour   hashes: counts and crowds of this minute, of this hour
-- KEYS[3] days     hash: told:<day>, known:<day>
-- KEYS[4] state    hash: judged (ms), seq:<process> (number of the last addition)
-- ARGV[1] process   ARGV[2] number of this addition ('' = there is nothing to add)
-- ARGV[3] now, ms   ARGV[4] ms between two judgements   ARGV[5] crowds that one hash holds at the most
-- ARGV[6] seconds to keep the minute   ARGV[7] the hour   ARGV[8] the days
-- ARGV[9] day   ARGV[10] told   ARGV[11] known
-- then pairs: name of a count or crowd, by how much
--
-- Reply: 1 when the caller is to judge, else 0.
local seq = 'seq:' .. ARGV[1]
-- An addition that is sent again counts once.
if ARGV[2] ~= '' and redis.call('HGET', KEYS[4], seq) ~= ARGV[2] then
  for slice, key in ipairs({ KEYS[1], KEYS[2] }) do
    local size = redis.call('HLEN', key)
    for at = 12, #ARGV, 2 do
      local name = ARGV[at]
      local is_count = not string.find(name, '|', 1, true)
      if is_count or size < tonumber(ARGV[5]) or redis.call('HEXISTS', key, name) == 1 then
        if redis.call('HINCRBY', key, name, ARGV[at + 1]) == tonumber(ARGV[at + 1]) then size = size + 1 end
      end
    end
    redis.call('EXPIRE', key, ARGV[5 + slice])
  end
  if ARGV[10] ~= '0' then redis.call('HINCRBY', KEYS[3], 'told:' .. ARGV[9], ARGV[10]) end
  if ARGV[11] ~= '0' then redis.call('HINCRBY', KEYS[3], 'known:' .. ARGV[9], ARGV[11]) end
  redis.call('EXPIRE', KEYS[3], ARGV[8])
  redis.call('HSET', KEYS[4], seq, ARGV[2])
end
local judged = tonumber(redis.call('HGET', KEYS[4], 'judged') or '0')
redis.call('EXPIRE', KEYS[4], ARGV[7])
-- Further ahead than now it is only after a clock was set back.
if judged <= tonumber(ARGV[3]) and tonumber(ARGV[3]) - judged < tonumber(ARGV[4]) then return 0 end
redis.call('HSET', KEYS[4], 'judged', ARGV[3])
return 1
