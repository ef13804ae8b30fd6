import { describe, expect, test } from 'vitest';
import type { Application } from '../../../../src/applications/model.ts';
import { derivedId } from '../../../../src/base/ids.ts';
import { referenceLookup } from '../../../../src/gateway/reference-lookup.ts';

const ACME = derivedId('app', 'acme', 'ORDER-1');
const REPORTED = derivedId('app', 'lender', 'quickcredit', 'Q-1');

function lookup(over: Record<string, unknown>) {
  const application = {
    owner_id: 'acme',
    status: 'granted',
    loans: [],
    attribution: { partner_id: 'acme', candidates: [] },
    ...over,
  };
  const store = {
    load: async (id: string) => {
      if (id !== ACME && id !== REPORTED) return undefined;
      return { version: 1, application: { id, ...application } as unknown as Application };
    },
    findReference: async (lender: string, ref: string) =>
      lender === 'quickcredit' && ref === 'Q-1' ? REPORTED : undefined,
    applicationOfLoan: async () => undefined,
  };
  return referenceLookup({ store, lenders: () => ['other', 'quickcredit'] });
}

const beaten = (why: string) => ({ partner_id: 'acme', why });

describe('what an application says about why nothing was earned', () => {
  test.each([
    [{ status: 'refused' }, 'refused'],
    [{}, 'not_disbursed'],
    [{ loans: [{ disbursed_at: '2026-01-05T00:00:00.000Z' }] }, null],
    [{ attribution: { partner_id: 'summit', candidates: [beaten('older_touch')] } }, 'attributed_elsewhere'],
    [{ attribution: { partner_id: 'summit', candidates: [beaten('above_lookback')] } }, 'outside_window'],
    [{ attribution: { partner_id: null, candidates: [beaten('bot_click')] } }, 'direct'],
  ])('%j: %s', async (over, fact) => {
    expect(await lookup(over).find('acme', 'partner_ref', 'ORDER-1')).toEqual({ applicationId: ACME, fact });
  });

  test('whoever has had nothing to do with an application does not learn that there is one', async () => {
    const foreign = { owner_id: 'summit', attribution: { partner_id: 'summit', candidates: [] } };
    const nothing = { applicationId: null, fact: null };
    expect(await lookup(foreign).find('acme', 'lender_ref', 'Q-1')).toEqual(nothing);
    expect(await lookup(foreign).find('acme', 'application_id', ACME)).toEqual(nothing);
    expect(await lookup(foreign).find('acme', 'application_id', 'nonsense')).toEqual(nothing);
    expect(await lookup(foreign).find('acme', 'partner_ref', 'ORDER-2')).toEqual(nothing);
    // A funder is owed whoever introduced it.
    expect(await lookup(foreign).find('funder:harbour', 'lender_ref', 'Q-1')).toEqual({
      applicationId: REPORTED,
      fact: 'not_disbursed',
    });
  });
});
