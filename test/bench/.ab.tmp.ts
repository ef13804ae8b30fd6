import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectRedis } from '/work/main/src/redis/connection.ts';
import { startEmbeddedServer } from '/work/main/src/redis/embedded-server.ts';
import { ensureServer } from '/work/main/src/redis/find-server.ts';
import { testVariables } from '/work/main/test/support/gateway.ts';
import { freePort } from '/work/main/test/support/gateway-child.ts';
import { SHIPPED_PARTNERS } from '/work/main/test/support/intake.ts';
import { shippedKey } from '/work/main/test/support/signed-client.ts';
import { startGatewayUnderTest } from '/work/main/test/bench/bench-child.ts';
import { buildGateway } from '/work/main/test/bench/without-limits.ts';
import { signedPrechecks } from '/work/main/test/bench/requests.ts';
import { drive } from '/work/main/test/bench/drive.ts';
const dir = mkdtempSync(join(tmpdir(), 'cnt-'));
const server = await startEmbeddedServer(ensureServer(() => undefined), dir);
const partners = join(dir, 'partners'); cpSync(SHIPPED_PARTNERS, partners, { recursive: true });
const file = join(partners, 'traffic/summit/partner.yaml');
writeFileSync(file, readFileSync(file, 'utf8').replace(/^limits:(\n? +.*)+/m, 'limits: { requests_per_second: 1000000, burst: 1000000, applications_per_day: 50000, probes_per_day: 1000000000 }'));
const redis = await connectRedis({ url: server.url });
const N = Number(process.argv[2] ?? 4000);
const info = async () => { const t = await redis.info('everything'); const g = (k: string) => Number(new RegExp(`^${k}:(.*)$`, 'm').exec(t)?.[1]); return { reads: g('total_reads_processed'), cmds: g('total_commands_processed'), cpu: g('used_cpu_user') + g('used_cpu_sys') , evalsha: /cmdstat_evalsha:calls=(\d+),usec=(\d+)/.exec(t)?.slice(1).map(Number) ?? [0,0]}; };
const kinds = (process.argv[3] ?? "without,with").split(",") as ("with"|"without")[]; const kids = []; for (const kind of kinds) {
  const build = await buildGateway(kind);
  const child = await startGatewayUnderTest(await freePort(), testVariables(join(dir, kind), { REDIS_URL: server.url, SLUICE_REDIS_PREFIX: `c${kind}:`, SLUICE_PARTNERS: partners, SLUICE_LOG_LEVEL: 'info' }), [], build.entry);
  kids.push({ kind, child, build, cpu: [] as number[], rps: [] as number[] });
}
const R = Number(process.argv[4] ?? 30);
for (let round = 0; round <= R; round++) {
  for (const kid of round % 2 ? kids : [...kids].reverse()) {
    const reqs = signedPrechecks(N, kid.child.port, shippedKey('summit'));
    const before = kid.child.cpuMs(); const d = await drive(kid.child.port, reqs, 32);
    if (round > 0) { kid.cpu.push((kid.child.cpuMs() - before) * 1000 / N); kid.rps.push(d.requestsPerSecond); }
  }
}
const med = (x: number[]) => [...x].sort((a, b) => a - b)[x.length >> 1];
const mean = (x: number[]) => x.reduce((a, b) => a + b, 0) / x.length;
for (const k of kids) console.log(k.kind, 'cpu med', med(k.cpu).toFixed(0), 'mean', mean(k.cpu).toFixed(0), 'min', Math.min(...k.cpu).toFixed(0), 'rps med', med(k.rps).toFixed(0), 'max', Math.max(...k.rps).toFixed(0));
const [a, b] = kids;
console.log('paired rps ratio median', med(b.rps.map((x, i) => x / a.rps[i])).toFixed(3), 'paired cpu ratio', med(b.cpu.map((x, i) => x / a.cpu[i])).toFixed(3));
for (const k of kids) { await k.child.stop(); k.build.remove(); }
redis.disconnect(); await server.stop(); process.exit(0);
