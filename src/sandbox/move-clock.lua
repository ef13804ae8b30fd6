-- Moves the sandbox clock forward: its offset never shrinks, and two moves to one instant are one.
-- KEYS[1] offset in ms   ARGV[1] wanted offset   Reply: the offset in force, as text
local offset = tonumber(redis.call('GET', KEYS[1]) or '0')
local wanted = tonumber(ARGV[1])
if wanted > offset then
  offset = wanted
  redis.call('SET', KEYS[1], string.format('%.0f', offset))
end
return string.format('%.0f', offset)
