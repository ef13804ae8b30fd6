-- Adds the arrivals of one shard to a partner's funnel, once, and decides which of them are billable: no more a day than the
-- link's cap. Places of billable clicks that are paid for are kept until their events are in the shard's log, which no
-- script can write together with this one: whoever finishes after a crash finds them here.
--
-- KEYS[1] marks   hash: shard → place of the last arrival counted, `<shard>:due` → places whose events may not be written yet
-- KEYS[2] total   hash of counters; behind it those of the tallies, named in ARGV by their number
-- ARGV[1] shard   ARGV[2] place after which the arrivals lie   ARGV[3] place of the last one
-- ARGV[4] places still due from before   ARGV[5] seconds to keep the day of a link   ARGV[6] name of the billable measure
-- then for each tally: numbers of the keys of product, link, day, link and day; the cap, '' = none; how many candidates;
-- how many of their places follow (none where nobody pays), and these; how many measures follow, and of each name and amount
--
-- Reply: {1, places due}; {0, place of the last arrival counted, places due} when others were counted meanwhile.
local function parts(place)
  local time, sequence = string.match(place, '^(%d+)-(%d+)$')
  return tonumber(time), tonumber(sequence)
end

local mark = redis.call('HGET', KEYS[1], ARGV[1])
if mark then
  local mark_time, mark_sequence = parts(mark)
  local time, sequence = parts(ARGV[2])
  if mark_time > time or (mark_time == time and mark_sequence > sequence) then
    return { 0, mark, redis.call('HGET', KEYS[1], ARGV[1] .. ':due') or '' }
  end
end

local due = {}
if ARGV[4] ~= '' then due[1] = ARGV[4] end
local at = 7
while at <= #ARGV do
  local link_day = KEYS[tonumber(ARGV[at + 3])]
  local counters = { KEYS[2] }
  for place = 0, 3 do counters[place + 2] = KEYS[tonumber(ARGV[at + place])] end
  local billable = tonumber(ARGV[at + 5])
  if ARGV[at + 4] ~= '' and billable > 0 then
    local free = tonumber(ARGV[at + 4]) - tonumber(redis.call('HGET', link_day, ARGV[6]) or '0')
    if free < billable then billable = math.max(free, 0) end
  end
  local places = tonumber(ARGV[at + 6])
  for place = 1, math.min(places, billable) do due[#due + 1] = ARGV[at + 6 + place] end
  at = at + 7 + places
  local measures = tonumber(ARGV[at])
  for _, key in ipairs(counters) do
    for measure = 0, measures - 1 do
      redis.call('HINCRBY', key, ARGV[at + 1 + 2 * measure], ARGV[at + 2 + 2 * measure])
    end
    if billable > 0 then redis.call('HINCRBY', key, ARGV[6], billable) end
  end
  redis.call('EXPIRE', link_day, ARGV[5])
  at = at + 1 + 2 * measures
end

local waiting = table.concat(due, ' ')
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
if waiting == '' then redis.call('HDEL', KEYS[1], ARGV[1] .. ':due')
else redis.call('HSET', KEYS[1], ARGV[1] .. ':due', waiting) end
return { 1, waiting }
