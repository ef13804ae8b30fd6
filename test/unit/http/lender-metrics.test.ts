import { describe, expect, test } from 'vitest';
import { createMetrics } from '../../../src/http/metrics.ts';

const HOUR_MS = 3_600_000;

describe('the metrics of lenders', () => {
  test('show what waits, for how long, what was given up, how attempts ended, and the breaker: by lender alone', async () => {
    const metrics = createMetrics();
    const outboxes = new Map([
      ['quickcredit', { waiting: 3, oldestMs: Date.now() - HOUR_MS, dead: 2 }],
      ['bluewave', { waiting: 0, oldestMs: null, dead: 0 }],
    ]);
    metrics.watchLenders({ outboxes: async () => outboxes, breakers: () => new Map([['quickcredit', 'open']]) });
    metrics.countPush('quickcredit', 'application', 'accepted');
    metrics.countPush('quickcredit', 'application', 'retried');
    const text = await metrics.registry.metrics();
    expect(text).toContain('sluice_outbox_waiting{lender="quickcredit"} 3');
    expect(text).toContain('sluice_outbox_dead{lender="quickcredit"} 2');
    expect(text).toMatch(/sluice_outbox_oldest_seconds\{lender="quickcredit"\} 3[56]\d\d\./);
    expect(text).toContain('sluice_outbox_oldest_seconds{lender="bluewave"} 0');
    expect(text).toContain('sluice_lender_breaker{lender="quickcredit"} 2');
    expect(text).toContain('sluice_push_attempts_total{lender="quickcredit",kind="application",outcome="retried"} 1');
  });

  test('are left out while they cannot be read; the others are shown', async () => {
    const metrics = createMetrics();
    metrics.watchLenders({ outboxes: () => Promise.reject(new Error('Redis is away')), breakers: () => new Map() });
    const text = await metrics.registry.metrics();
    expect(text).not.toContain('sluice_outbox_waiting{');
    expect(text).toContain('sluice_limits_local 0');
  });
});
