import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApplicationInput } from '../../../src/intake/application-input.ts';
import type { IntakeDeps } from '../../../src/intake/intake-deps.ts';
import { submitApplication } from '../../../src/intake/submit-application.ts';
import type { RegisteredProduct, Registry } from '../../../src/registry/registry.ts';
import { applicationFor, createTestIntake, nextPerson, type TestIntake } from '../../support/intake.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

let redis: TestRedis;
let intake: TestIntake;

beforeAll(async () => {
  redis = await startTestRedis();
  intake = await createTestIntake(redis);
});
afterAll(() => redis.close());

/** The counterparty files after a change to one product; undefined = it was taken off the list. */
function withProduct(change: (product: RegisteredProduct) => RegisteredProduct | undefined): IntakeDeps {
  const products = new Map(intake.registry.products);
  const product = products.get('quick-cash');
  const changed = product && change(product);
  if (changed) products.set('quick-cash', changed);
  else products.delete('quick-cash');
  const registry: Registry = { ...intake.registry, products };
  return { ...intake.deps, registry: () => registry };
}

function submit(deps: IntakeDeps, input: ApplicationInput) {
  return submitApplication(deps, { partner: intake.partner('acme'), origin: 'partner' }, input);
}

describe('the same request again', () => {
  test('finds its answer after the product began to require a newer consent', async () => {
    const input = applicationFor(intake.registry, nextPerson(), 'AGAIN-1');
    const first = await submit(intake.deps, input);
    const later = withProduct((product) => ({
      ...product,
      requirements: {
        ...product.requirements,
        consents: product.requirements.consents.map((consent) => ({ ...consent, version: 'next' })),
      },
    }));
    const again = await submit(later, input);
    expect(again).toMatchObject({ kind: 'answered', replayed: true });
    if (first.kind !== 'answered' || again.kind !== 'answered') throw new Error('not answered');
    expect(again.application.id).toBe(first.application.id);
  });

  test('finds its answer after the product was taken off the list', async () => {
    const input = applicationFor(intake.registry, nextPerson(), 'AGAIN-2');
    await submit(intake.deps, input);
    expect(
      await submit(
        withProduct(() => undefined),
        input,
      ),
    ).toMatchObject({ kind: 'answered', replayed: true });
  });

  test('conflicts when it is another request, even one that lacks something', async () => {
    const input = applicationFor(intake.registry, nextPerson(), 'AGAIN-3');
    await submit(intake.deps, input);
    const other = { ...input, applicant: { ...input.applicant, phone: nextPerson().phone }, consents: [] };
    expect(await submit(intake.deps, other)).toMatchObject({ kind: 'conflict' });
    const unreadable = { ...input, applicant: { ...input.applicant, id_number: 'nobody' } };
    expect(await submit(intake.deps, unreadable)).toMatchObject({ kind: 'conflict' });
  });
});
