import { z } from 'zod';

/** What an address onward may carry: ids of ours, that say nothing of the person. */
export const ONWARD_MACROS = ['application_id', 'click_id'] as const;

/** Addresses by what the applicant holds in hand. */
export const ONWARD_TARGETS = ['h5', 'android', 'ios'] as const;

const addressSchema = z.string().min(1).max(1_000);

/**
 * Where somebody who applied on the hosted page goes on at the lender. App addresses are https links that the app has claimed
 * (App Links, Universal Links): without the app they open in the browser.
 */
export const onwardSchema = z
  .strictObject({
    after: z
      .enum(['granted', 'submitted'])
      .default('granted')
      .describe('Offered once credit was granted, or as soon as the lender has the application'),
    h5: addressSchema.optional().describe('https page; may hold {application_id} and {click_id}'),
    android: addressSchema.optional().describe('https link that the Android app opens (App Link); macros as in h5'),
    ios: addressSchema.optional().describe('https link that the iOS app opens (Universal Link); macros as in h5'),
    handoff: z
      .boolean()
      .default(false)
      .describe(
        'The lender’s core is asked for a page for this very applicant (联合登录), the addresses stay as a fallback',
      ),
    automatic: z
      .boolean()
      .default(false)
      .describe('Goes on by itself after some seconds, which the applicant may stop; otherwise only at a tap'),
  })
  .refine(({ h5, android, ios, handoff }) => handoff || (h5 ?? android ?? ios) !== undefined, {
    error: 'onward takes at least one of h5, android, ios, or handoff: true',
  });

export type Onward = z.output<typeof onwardSchema>;
