import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CUSTOMER_STATUSES, LIST_NAMES, type ListScope } from '../../../../src/screening/lists/entry.ts';
import { judgeLists, type ListMembership, type ListView } from '../../../../src/screening/lists/judge-lists.ts';

const NOW_MS = Date.parse('2026-03-02T04:00:00Z');
const TODAY = 20_514;

const view: ListView = {
  funders: [
    {
      id: 'harbour',
      trusts: [
        { funder: 'south', until: '2026-03-02' },
        { funder: 'east', until: '2026-03-01' },
      ],
    },
    { id: 'north', trusts: [] },
  ],
  lenderId: 'q',
  partnerId: 'acme',
  idTokens: [],
  nowMs: NOW_MS,
};

function entry(more: Partial<ListMembership> = {}): ListMembership {
  return {
    kind: 'phone',
    form: 'sha256',
    list: 'block',
    scope: 'network',
    contributor: 'operator',
    reason: 'fraud',
    status: null,
    retryAtMs: null,
    expiresDay: null,
    isSuspended: false,
    groupIdTokens: [],
    ...more,
  };
}

const block = (scope: ListScope, more: Partial<ListMembership> = {}) => entry({ scope, ...more });
const trust = (scope: ListScope, more: Partial<ListMembership> = {}) => entry({ list: 'trust', scope, ...more });

describe('what lists say', () => {
  test.each([
    ['nothing', [], { blocked: false, blockedFunders: [] }],
    ['the network', [block('network')], { blocked: true, blockedFunders: ['harbour', 'north'] }],
    ['the lender', [block('lender:q')], { blocked: true, blockedFunders: ['harbour', 'north'] }],
    ['the partner', [block('partner:acme')], { blocked: true, blockedFunders: ['harbour', 'north'] }],
    ['one funder', [block('funder:harbour')], { blocked: false, blockedFunders: ['harbour'] }],
    [
      'both funders',
      [block('funder:north'), block('funder:harbour')],
      { blocked: true, blockedFunders: ['harbour', 'north'] },
    ],
    ['another lender', [block('lender:z')], { blocked: false, blockedFunders: [] }],
    ['another partner', [block('partner:apex')], { blocked: false, blockedFunders: [] }],
    ['another funder', [block('funder:south')], { blocked: false, blockedFunders: [] }],
    ['a suspended entry', [block('network', { isSuspended: true })], { blocked: false, blockedFunders: [] }],
    [
      'an entry whose last day was yesterday',
      [block('network', { expiresDay: TODAY - 1 })],
      { blocked: false, blockedFunders: [] },
    ],
    [
      'an entry whose last day is today',
      [block('network', { expiresDay: TODAY })],
      { blocked: true, blockedFunders: ['harbour', 'north'] },
    ],
  ])('of a block by %s', (_, memberships, expected) => {
    expect(judgeLists(memberships, view)).toMatchObject(expected);
  });

  test.each([
    ['a funder that lends', [trust('funder:harbour')], true],
    ['a funder whose word one of them takes, to the last day', [trust('funder:south')], true],
    ['a funder whose word nobody takes any more', [trust('funder:east')], false],
    ['a stranger', [trust('funder:west')], false],
    ['the lender', [trust('lender:q')], true],
    ['the partner', [trust('partner:acme')], true],
    ['a funder that blocks as well', [trust('funder:harbour'), block('funder:harbour')], false],
    ['a friend of a funder that blocks', [trust('funder:south'), block('funder:harbour')], false],
    ['one funder while the other blocks', [trust('funder:north'), block('funder:harbour')], true],
    ['everybody, over a block of the network', [trust('lender:q'), block('network')], false],
    ['a suspended entry', [trust('lender:q', { isSuspended: true })], false],
  ])('of trust by %s', (_, memberships, trusted) => {
    expect(judgeLists(memberships, view).trusted).toBe(trusted);
  });

  test('of a customer is what its lender has with them, the weightiest first', () => {
    const customer = (
      status: (typeof CUSTOMER_STATUSES)[number],
      scope: ListScope = 'lender:q',
      retryAtMs: number | null = null,
    ) => entry({ list: 'customer', scope, status, retryAtMs });
    expect(judgeLists([customer('has_loan', 'lender:z')], view).customer).toBeNull();
    expect(judgeLists([customer('settled'), customer('has_credit')], view).customer?.status).toBe('has_credit');
    const [soon, later] = [NOW_MS + 1, NOW_MS + 9];
    const refused = [customer('refused', 'lender:q', soon), customer('refused', 'lender:q', later)];
    expect(judgeLists(refused, view).customer).toEqual({ status: 'refused', retryAtMs: later });
    // A refusal that is over leaves what else is known.
    const over = [customer('refused', 'lender:q', NOW_MS), customer('settled')];
    expect(judgeLists(over, view).customer?.status).toBe('settled');
  });

  test('a lender without funders is blocked by its own entries, not by a funder’s', () => {
    const own = { ...view, funders: [] };
    expect(judgeLists([block('funder:harbour')], own).blocked).toBe(false);
    expect(judgeLists([block('lender:q')], own).blocked).toBe(true);
  });
});

describe('a recycled number', () => {
  const sha = (token: string) => ({ form: 'sha256' as const, token });
  const asking = { ...view, idTokens: [sha('mine')] };

  test.each([
    ['another id number', [sha('theirs')], false],
    ['the same id number', [sha('mine')], true],
    ['several, one of them the same', [sha('theirs'), sha('mine')], true],
    ['an id number that is known in another form only', [{ form: 'md5' as const, token: 'x' }], true],
    ['no id number', [], true],
  ])('the group holds %s', (_, groupIdTokens, blocked) => {
    const verdict = judgeLists([block('network', { groupIdTokens })], asking);
    expect(verdict.blocked).toBe(blocked);
    expect(verdict.annotations).toHaveLength(blocked ? 0 : 1);
  });

  test('gives neither trust nor a customer to somebody else', () => {
    const groupIdTokens = [sha('theirs')];
    const verdict = judgeLists(
      [
        trust('lender:q', { groupIdTokens }),
        entry({ list: 'customer', scope: 'lender:q', status: 'has_loan', groupIdTokens }),
      ],
      asking,
    );
    expect(verdict).toMatchObject({ trusted: false, customer: null });
  });

  test('blocks where the id number itself is listed', () => {
    const theirs = [sha('theirs')];
    expect(judgeLists([block('network', { kind: 'id_number', groupIdTokens: theirs })], asking).blocked).toBe(true);
  });

  test('is no annotation for those who would not have seen the entry', () => {
    expect(judgeLists([block('lender:z', { groupIdTokens: [sha('theirs')] })], asking).annotations).toEqual([]);
  });
});

describe('whatever stands on the lists', () => {
  const scopeArbitrary = fc.constantFrom<ListScope>(
    'network',
    'lender:q',
    'lender:z',
    'funder:harbour',
    'funder:north',
    'funder:south',
    'funder:west',
    'partner:acme',
    'partner:apex',
  );
  const membershipArbitrary: fc.Arbitrary<ListMembership> = fc.record({
    kind: fc.constantFrom('phone' as const, 'id_number' as const, 'device_id' as const),
    form: fc.constantFrom('md5' as const, 'sha256' as const),
    list: fc.constantFrom(...LIST_NAMES),
    scope: scopeArbitrary,
    contributor: fc.constant('operator' as const),
    reason: fc.constantFrom('fraud' as const, 'overdue' as const),
    status: fc.option(fc.constantFrom(...CUSTOMER_STATUSES)),
    retryAtMs: fc.option(fc.nat(100)),
    expiresDay: fc.option(fc.integer({ min: TODAY - 2, max: TODAY + 2 })),
    isSuspended: fc.boolean(),
    groupIdTokens: fc.array(
      fc.record({ form: fc.constantFrom('md5' as const, 'sha256' as const), token: fc.constantFrom('a', 'b') }),
      { maxLength: 2 },
    ),
  });
  const many = fc.array(membershipArbitrary, { maxLength: 12 });
  const asking = { ...view, idTokens: [{ form: 'sha256' as const, token: 'a' }] };

  test('the order in which entries are found does not matter', () => {
    fc.assert(
      fc.property(many, fc.nat(), (memberships, seed) => {
        const shuffled = memberships
          .map((one, at) => ({ one, key: (at * 7_919 + seed) % 101 }))
          .sort((a, b) => a.key - b.key);
        expect(
          judgeLists(
            shuffled.map(({ one }) => one),
            asking,
          ),
        ).toEqual(judgeLists(memberships, asking));
      }),
    );
  });

  test('an entry that is none of theirs never changes the decision', () => {
    fc.assert(
      fc.property(many, membershipArbitrary, (memberships, one) => {
        for (const scope of ['lender:z', 'funder:west', 'partner:apex'] as const) {
          expect(judgeLists([...memberships, { ...one, scope }], asking)).toEqual(judgeLists(memberships, asking));
        }
      }),
    );
  });

  test('taking a block away never blocks anybody', () => {
    fc.assert(
      fc.property(many, fc.nat(11), (memberships, at) => {
        if (memberships[at]?.list !== 'block') return;
        const before = judgeLists(memberships, asking);
        const after = judgeLists(
          memberships.filter((_, place) => place !== at),
          asking,
        );
        expect(after.blocked && !before.blocked).toBe(false);
        expect(after.blockedFunders.every((id) => before.blockedFunders.includes(id))).toBe(true);
      }),
    );
  });

  test('blocked means exactly that no funder is left', () => {
    fc.assert(
      fc.property(many, (memberships) => {
        const { blocked, blockedFunders } = judgeLists(memberships, asking);
        expect(blocked).toBe(blockedFunders.length === asking.funders.length);
      }),
    );
  });
});
