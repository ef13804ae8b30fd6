-- Appends one entry to the audit chain, if the chain still ends where the entry was linked to.
--
-- A repeated call after a lost reply finds its own entry in its place, and answers that it was written.
--
-- KEYS[1] audit        stream, id = <seq>-0, field e = entry (canonical JSON)
-- KEYS[2] audit:head   hash: seq, hash, at, mac of the last entry
-- KEYS[3] audit:ends   hash: seq of an intended entry -> seq of the entry that ended it
--
-- ARGV[1] hash that the entry was linked to ('' = the chain was empty)
-- ARGV[2] seq, [3] hash, [4] at, [5] mac, [6] entry JSON
-- ARGV[7] seq of the intended entry that this one ends ('' = none)
--
-- Reply: {1} it stands in the chain; {0, seq, hash, at} somebody else was first: the head as it is now.
local head = redis.call('HMGET', KEYS[2], 'seq', 'hash', 'at')
if (head[2] or '') ~= ARGV[1] then
  local place = redis.call('XRANGE', KEYS[1], ARGV[2] .. '-0', ARGV[2] .. '-0')
  if place[1] and place[1][2][2] == ARGV[6] then return { 1 } end
  return { 0, head[1] or '0', head[2] or '', head[3] or '' }
end
redis.call('XADD', KEYS[1], ARGV[2] .. '-0', 'e', ARGV[6])
redis.call('HSET', KEYS[2], 'seq', ARGV[2], 'hash', ARGV[3], 'at', ARGV[4], 'mac', ARGV[5])
if ARGV[7] ~= '' then redis.call('HSET', KEYS[3], ARGV[7], ARGV[2]) end
return { 1 }
