-- Appends to one counterparty's ledger and changes everything that hangs on it, or does nothing at all.
--
-- Whoever appends has read `rev` before anything else that the posting was computed from (chain head, counters, once
-- keys, lines, periods). Every append raises `rev`; so an unchanged `rev` proves that all of it is still true.
-- A repeated call after a lost reply finds a raised `rev`, writes nothing, and the caller then finds its own transfers.
--
-- KEYS[1] ledger        stream, id = <seq>-0, field e = entry (JSON)
-- KEYS[2] book          hash: rev, seq, head, open|<contract>, count|<counter>, link|<code>|<currency>,
--                       moved|<contract>|<period>|<what>
-- KEYS[3] balances      hash: account -> minor units (int64: HINCRBY is exact)
-- KEYS[4] lines         hash: commission id -> JSON
-- KEYS[5] lines:period  zset by text: <contract>|<period>|<payable_at>|<commission id>: what a statement lists, in its order
-- KEYS[6] lines:object  zset by text: <application or loan id>|<commission id>
-- KEYS[7] lines:time    zset by text: <occurred_at>|<commission id>
-- KEYS[8] once          hash: once key -> commission id
-- KEYS[9] holds         zset: commission id by release time (ms)
-- KEYS[10] periods      hash: <contract>|<period> -> JSON
-- KEYS[11] statements   hash: statement id -> JSON
-- KEYS[12] transfers    hash: transfer id -> seq of its entry; event id -> seq of the head after it
-- KEYS[13] loans        hash: loan id -> JSON
-- KEYS[14] terms        hash: terms id -> fingerprint of the content that it priced with
-- KEYS[15] settlements  hash: statement id -> JSON
-- KEYS[16] payments     hash: payment id -> JSON
-- KEYS[17] disputes     hash: dispute id -> JSON
-- KEYS[18] feed         stream, field e = what the counterparty is told (JSON): told by the same script that books it
--
-- ARGV[1] rev that the caller has read ('0' = there is no book yet)
-- ARGV[2] number of entries n, then three values each: seq, transfer id, entry JSON; the chain is the caller's work
-- ARGV    hash of the last entry ('' = no entries, the head stays)
-- then any number of changes, four values each: command, index of the key, a, b
--   HSET k field value | HSETNX k field value | HDEL k field '' | HINCRBY k field delta
--   ZADD k score member | ZREM k member '' | XADD k json ''
--
-- Reply: {1, rev} written; {0, rev} somebody else was first; {2, transfer id} that transfer is in the ledger already.
-- {3, field} that sum would leave int64. Nothing was written but in the first case.
local rev = redis.call('HGET', KEYS[2], 'rev') or '0'
if rev ~= ARGV[1] then return { 0, rev } end

local at = 3
local count = tonumber(ARGV[2])
for entry = 0, count - 1 do
  local id = ARGV[at + entry * 3 + 1]
  if redis.call('HEXISTS', KEYS[12], id) == 1 then return { 2, id } end
end
local key = {
  KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10], KEYS[11], KEYS[12], KEYS[13],
  KEYS[14], KEYS[15], KEYS[16], KEYS[17], KEYS[18],
}
-- HINCRBY fails beyond int64, and Redis undoes nothing of a script that fails half way: hence before anything is written.
-- Doubles are off by a thousandth of a billionth at most, the limit stays two per cent below.
for change = at + count * 3 + 1, #ARGV, 4 do
  if ARGV[change] == 'HINCRBY' then
    local where, field = key[tonumber(ARGV[change + 1])], ARGV[change + 2]
    local sum = tonumber(redis.call('HGET', where, field) or '0') + tonumber(ARGV[change + 3])
    if math.abs(sum) > 9e18 then return { 3, field } end
  end
end
for _ = 1, count do
  local seq, id, json = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  redis.call('XADD', KEYS[1], seq .. '-0', 'e', json)
  redis.call('HSET', KEYS[12], id, seq)
  redis.call('HSET', KEYS[2], 'seq', seq)
  at = at + 3
end
if ARGV[at] ~= '' then redis.call('HSET', KEYS[2], 'head', ARGV[at]) end

for change = at + 1, #ARGV, 4 do
  local command, where, a, b = ARGV[change], key[tonumber(ARGV[change + 1])], ARGV[change + 2], ARGV[change + 3]
  if command == 'HDEL' or command == 'ZREM' then
    redis.call(command, where, a)
  elseif command == 'XADD' then
    redis.call('XADD', where, '*', 'e', a)
  else
    redis.call(command, where, a, b)
  end
end
return { 1, tostring(redis.call('HINCRBY', KEYS[2], 'rev', 1)) }
