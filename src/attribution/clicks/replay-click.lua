-- Records an arrival that was answered while Redis was away, once: under the id that the browser was given.
-- KEYS[1] click log (stream)   KEYS[2], KEYS[3] windows as in record-click.lua   KEYS[4] click (hash: at, its place)
-- ARGV[1] facts (text)   ARGV[2] the id   ARGV[3] what is left of the window, ms   ARGV[4] '1' when it opens one
-- ARGV[5] how long a click is kept, ms   ARGV[6] place where it was found, '' when it is not in the log
-- ARGV[7] whether windows are looked for: '0' = every click counts
-- Reply: 1 recorded now, 0 before
if redis.call('HEXISTS', KEYS[4], 'at') == 1 then return 0 end
local place, recorded = ARGV[6], 0
if place == '' then
  local known = false
  if ARGV[7] ~= '0' then
    known = redis.call('GET', KEYS[2])
    if not known and KEYS[3] ~= KEYS[2] then known = redis.call('GET', KEYS[3]) end
  end
  place = redis.call('XADD', KEYS[1], '*', 'c', ARGV[1], 'r', ARGV[2], 'o', known or '')
  if not known and ARGV[4] == '1' then redis.call('SET', KEYS[2], ':' .. ARGV[2], 'PX', ARGV[3]) end
  recorded = 1
end
redis.call('HSET', KEYS[4], 'at', place)
redis.call('PEXPIRE', KEYS[4], ARGV[5])
return recorded
