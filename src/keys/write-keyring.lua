-- Writes records of the keyring in one step, or nothing at all when it is not as the caller has read it.
--
-- KEYS[1] keyring  hash: key id → JSON, #revision, #write (id of the last write)
-- ARGV[1] revision that the caller has read ('0' = none yet)
-- ARGV[2] id of this write: repeated after a lost reply, it finds itself done
-- ARGV[3] channel that tells every process
-- then any number of pairs: key id, JSON
--
-- Reply: the new revision; '' somebody else was first, nothing written.
local revision = redis.call('HGET', KEYS[1], '#revision') or '0'
if redis.call('HGET', KEYS[1], '#write') == ARGV[2] then
  return revision
end
if revision ~= ARGV[1] then
  return ''
end
revision = string.format('%d', tonumber(revision) + 1)
for index = 4, #ARGV, 2 do
  redis.call('HSET', KEYS[1], ARGV[index], ARGV[index + 1])
end
redis.call('HSET', KEYS[1], '#revision', revision, '#write', ARGV[2])
redis.call('PUBLISH', ARGV[3], revision)
return revision
