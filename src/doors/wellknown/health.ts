import type { Door } from '../../http/app.ts';
import { pageRoute } from './page-route.ts';
import { createReadiness } from './readiness.ts';
import type { WellknownDeps } from './wellknown-deps.ts';

/**
 * `/healthz`: the process answers (restart it when it does not). `/readyz`: it can record what it accepts (send it traffic
 * while it can). `/metrics`: Prometheus.
 */
export function registerHealth(door: Door, deps: WellknownDeps): void {
  const readiness = createReadiness(deps);
  door.openapi(pageRoute('/healthz'), (c) => c.json({ status: 'ok' }, 200));
  door.openapi(pageRoute('/readyz'), async (c) => {
    const report = await readiness();
    return c.json(report, report.status === 'ready' ? 200 : 503, { 'Cache-Control': 'no-store' });
  });
  door.openapi(pageRoute('/metrics'), async (c) => {
    const { registry } = deps.metrics;
    return c.body(await registry.metrics(), 200, { 'Content-Type': registry.contentType });
  });
}
