-- Takes the note of an event id back, unless somebody has made another one since.
-- KEYS[1] entry   ARGV[1] the entry that was made
-- Reply: 1 gone, 0 another one is there
local held = redis.call('GET', KEYS[1])
if not held then return 1 end
if held ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
return 1
