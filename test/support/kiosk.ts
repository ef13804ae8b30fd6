/** A partner with links alone, on our page and into the lender's app, paid for every step. As in its file. */
export const KIOSK = {
  id: 'kiosk',
  name: 'Kiosk Network',
  kind: 'referral',
  status: 'active',
  payee: { legal_name: 'Kiosk Network Ltd.', taxpayer: 'small_scale', account_last4: '0043' },
  links: [
    { code: 'kiosk-page', product: 'quick-cash', landing: 'hosted' },
    { code: 'kiosk-app', product: 'quick-cash', landing: 'https://quickcredit.example/get' },
  ],
  terms: [
    {
      id: 'kiosk-2026',
      contract: 'main',
      payer: 'operator',
      from: '2026-01-01',
      price_at: 'application',
      currency: 'CNY',
      timezone: 'Asia/Shanghai',
      cycle: 'month_end',
      rounding: 'half_even',
      payout: { days: 10, min: 0, invoice: 'none' },
      rules: [
        { id: 'reg', on: 'applicant.registered', pay: { fixed: 350 }, once_per: 'applicant' },
        { id: 'cpa', on: 'credit.granted', pay: { fixed: 1999 }, once_per: 'applicant' },
        { id: 'first', on: 'loan.disbursed', when: { loan: 'first' }, pay: { percent: '1.25', of: 'principal' } },
        { id: 'rs', on: 'installment.paid', pay: { percent: '7.5', of: ['interest'] }, payers: ['borrower'] },
      ],
      clawback: [{ on: 'application.fraud_confirmed', take: { percent: '100' } }],
    },
  ],
} as const;
