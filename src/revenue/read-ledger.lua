-- Reads everything that a posting is computed from in one step: nothing can change between its parts.
--
-- KEYS[1] book   KEYS[2] once   KEYS[3] transfers   KEYS[4] lines   KEYS[5] objects   KEYS[6] terms
-- ARGV five lists, each its length and then its items:
--   fields of book, once keys, transfer or event ids, terms ids, objects (application or loan ids)
--
-- Reply: {values of book, values of once, values of transfers, values of terms, lines (JSON) of all objects}; absent
-- values are null.
local at = 1
local function list()
  local items = {}
  local count = tonumber(ARGV[at])
  for index = 1, count do items[index] = ARGV[at + index] end
  at = at + count + 1
  return items
end
local function values(key, fields)
  if #fields == 0 then return {} end
  return redis.call('HMGET', key, unpack(fields))
end

local book, once, transfers, terms = list(), list(), list(), list()
local lines, seen = {}, {}
for _, object in ipairs(list()) do
  local id = redis.call('HGET', KEYS[5], object)
  local more = id and tonumber(redis.call('HGET', KEYS[5], object .. '|n') or '0') or -1
  for n = 0, more do
    if n > 0 then id = redis.call('HGET', KEYS[5], object .. '|' .. n) end
    if id and not seen[id] then
      seen[id] = true
      local json = redis.call('HGET', KEYS[4], id)
      if json then lines[#lines + 1] = json end
    end
  end
end
return { values(KEYS[1], book), values(KEYS[2], once), values(KEYS[3], transfers), values(KEYS[6], terms), lines }
