-- Counts one code that is about to be sent, within an hour and a day, unless there were too many or the last was a moment ago.
--
-- KEYS[1] codes   hash: id (of the last code), call (that counted it), at (ms), hour, hours (codes in it), day, days
-- ARGV[1] id of the code   ARGV[2] call: one that is sent again after a lost reply counts once   ARGV[3] now, ms of real time
-- ARGV[4] hour   ARGV[5] day   ARGV[6] ms to wait after the last   ARGV[7] most in an hour, 0 = any number
-- ARGV[8] most in a day   ARGV[9] ms to keep the counts
--
-- Reply: {0, codes of the day} counted; {1, ms to wait}; {2, 0} too many in the hour; {3, 0} too many in the day; {4, 0} this
-- very code was sent a moment ago.
local stored = redis.call('HMGET', KEYS[1], 'id', 'call', 'at', 'hour', 'hours', 'day', 'days')
local hours = stored[4] == ARGV[4] and tonumber(stored[5]) or 0
local days = stored[6] == ARGV[5] and tonumber(stored[7]) or 0
if stored[2] == ARGV[2] then return { 0, days } end
local wait = stored[3] and tonumber(stored[3]) + tonumber(ARGV[6]) - tonumber(ARGV[3]) or 0
-- A clock that was set back keeps nobody waiting for longer than the wait itself.
if wait > 0 and wait <= tonumber(ARGV[6]) then
  if stored[1] == ARGV[1] then return { 4, 0 } end
  return { 1, wait }
end
if tonumber(ARGV[7]) > 0 and hours >= tonumber(ARGV[7]) then return { 2, 0 } end
if days >= tonumber(ARGV[8]) then return { 3, 0 } end
redis.call('HSET', KEYS[1], 'id', ARGV[1], 'call', ARGV[2], 'at', ARGV[3], 'hour', ARGV[4], 'hours', hours + 1, 'day', ARGV[5],
  'days', days + 1)
redis.call('PEXPIRE', KEYS[1], ARGV[9])
return { 0, days + 1 }
