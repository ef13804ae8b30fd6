import { normaliseSubject } from '../../../identity/normalise-subject.ts';
import type { InputFault, IntakeDeps } from '../../../intake/intake-deps.ts';
import type { PrecheckInput } from '../../../intake/precheck-input.ts';
import { unindexedForms } from '../../../intake/unindexed-forms.ts';
import type { RegisteredProduct, Registry } from '../../../registry/registry.ts';
import type { PrecheckRequest } from './precheck-schema.ts';

export type ReadPrecheck =
  | { readonly ok: true; readonly input: PrecheckInput }
  | { readonly ok: false; readonly faults: readonly InputFault[] };

/**
 * A question as the use-case takes it: products looked up, identity in normal form and one that people are found by.
 * @param base pointer to the request within the body
 */
export function readPrecheck(intake: IntakeDeps, request: PrecheckRequest, base: string): ReadPrecheck {
  const faults: InputFault[] = [];
  const products = productsOf(intake, request, base, faults);
  const identity = normaliseSubject(request.subject);
  for (const { pointer, code, message } of identity.ok ? unindexedForms(intake, identity.subject) : identity.errors) {
    faults.push({ pointer: `${base}/subject${pointer}`, code, message });
  }
  if (!identity.ok || faults.length > 0) return { ok: false, faults };
  const { subject } = identity;
  const { profile: stated, reserve } = request;
  return { ok: true, input: { products, subject, reserve, residenceRegion: stated?.residence?.region, stated } };
}

function productsOf(
  intake: IntakeDeps,
  { product_id, product_ids }: PrecheckRequest,
  base: string,
  faults: InputFault[],
): readonly RegisteredProduct[] {
  if (product_id === undefined && product_ids === undefined) return openProducts(intake);
  const registry = intake.registry();
  const ids = product_ids ?? [product_id ?? ''];
  const products: RegisteredProduct[] = [];
  for (const [index, id] of ids.entries()) {
    const product = registry.products.get(id);
    if (product !== undefined) {
      if (!products.includes(product)) products.push(product);
      continue;
    }
    const pointer = product_ids === undefined ? `${base}/product_id` : `${base}/product_ids/${index}`;
    faults.push({ pointer, code: 'unknown_product', message: `there is no product ${id}` });
  }
  return products;
}

/** Every product that takes applications: by its file, and not paused. */
function openProducts({ registry, pauses, clock }: IntakeDeps): readonly RegisteredProduct[] {
  const open = openInFiles(registry());
  if (pauses.isQuiet) return open;
  const nowMs = clock.nowMs();
  return open.filter(({ id }) => pauses.stopOf(id, 'new', nowMs) === undefined);
}

/** A registry never changes: its successor is another object. */
const openOnes = new WeakMap<Registry, readonly RegisteredProduct[]>();

function openInFiles(registry: Registry): readonly RegisteredProduct[] {
  let open = openOnes.get(registry);
  if (open === undefined) {
    const isActive = (id: string): boolean => registry.lenders.get(id)?.status === 'active';
    open = [...registry.products.values()].filter((one) => one.status === 'open' && isActive(one.lender_id));
    openOnes.set(registry, open);
  }
  return open;
}
