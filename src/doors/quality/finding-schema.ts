import { z } from '@hono/zod-openapi';
import { QUALITY_CODES, type QualityFinding } from '../../attribution/quality/finding.ts';
import type { Language } from '../../http/accept-language.ts';
import { idSchema, instantSchema } from '../../http/common-schemas.ts';
import { findingText } from './finding-texts.ts';

const holdSchema = z
  .object({
    from: instantSchema.openapi({ description: 'Clicks from then on are not billable' }),
    until: instantSchema.openapi({
      description: 'They are again from then on: the end of the next day, by the product’s clock, at the latest',
    }),
    by: z.enum(['us', 'operator']).openapi({
      description: '`us` = it was laid by what was found; `operator` = by a person',
      example: 'us',
    }),
    reason: z.string().nullable().openapi({ description: 'What that person said; null = none', example: null }),
    lifted: z
      .object({
        at: instantSchema.openapi({ description: 'Clicks from then on are billable' }),
        reason: z.string().openapi({ description: 'Why', example: 'the partner showed its campaign' }),
        restored: z
          .boolean()
          .openapi({ description: 'Whether those that were held became billable too, each once', example: true }),
      })
      .nullable()
      .openapi({ description: 'By a person, before its time; null = it was not' }),
  })
  .openapi({
    description: 'Clicks that are not billable meanwhile; people are sent on, counted and attributed as always',
  });

/** A finding as its partner reads it. */
export const findingSchema = z
  .object({
    id: idSchema('qly').openapi({ description: 'Finding' }),
    link: z
      .string()
      .nullable()
      .openapi({ description: 'Code of the link; null = all links together', example: 'acme-home' }),
    code: z
      .enum(QUALITY_CODES)
      .openapi({ description: 'What was found; /docs/links says how', example: 'click_flood' }),
    text: z.string().openapi({
      description: 'The same in words, in the language of Accept-Language',
      example: 'Far more clicks in an hour than this link has at that time of the week.',
    }),
    severity: z
      .enum(['watch', 'hold'])
      .openapi({ description: '`watch` = it is shown; `hold` = clicks are not billable meanwhile', example: 'hold' }),
    numbers: z.record(z.string(), z.number()).openapi({
      description: 'Counts and shares that it rests on, as last seen',
      example: { clicks_of_hour: 4210, usual_clicks_of_hour: 61, limit_of_hour: 305, hours: 2 },
    }),
    since: instantSchema.openapi({ description: 'When it was first found' }),
    last_seen_at: instantSchema.openapi({ description: 'When it was last found' }),
    ended_at: instantSchema.nullable().openapi({ description: 'When it ended; null = it is on' }),
    hold: holdSchema.nullable().openapi({ description: 'null = clicks stayed billable' }),
  })
  .openapi('QualityFinding', { description: 'Something about the traffic of a link that looks like nobody’s' });

/** The same as operators read it. */
export const operatorFindingSchema = z
  .object({
    ...findingSchema.shape,
    partner_id: z.string().openapi({ description: 'Whose links', example: 'acme' }),
    held_by: z
      .string()
      .nullable()
      .openapi({ description: 'Operator who laid the hold; null = nobody did', example: null }),
    lifted_by: z
      .string()
      .nullable()
      .openapi({ description: 'Operator who lifted it; null = nobody did', example: null }),
  })
  .openapi('OperatorQualityFinding', { description: 'A finding about traffic, with who did what about it' });

export function findingView(finding: QualityFinding, language: Language): z.output<typeof findingSchema> {
  const { id, link_code: link, code, severity, numbers, since, last_seen_at, ended_at, hold } = finding;
  return {
    id,
    link,
    code,
    text: findingText(code, language),
    severity,
    numbers: { ...numbers },
    since,
    last_seen_at,
    ended_at,
    hold: hold && {
      from: hold.from,
      until: hold.until,
      by: hold.laid_by === null ? 'us' : 'operator',
      reason: hold.reason,
      lifted: hold.lifted && { at: hold.lifted.at, reason: hold.lifted.reason, restored: hold.lifted.restore },
    },
  };
}

export function operatorFindingView(
  finding: QualityFinding,
  language: Language,
): z.output<typeof operatorFindingSchema> {
  return {
    ...findingView(finding, language),
    partner_id: finding.partner_id,
    held_by: finding.hold?.laid_by ?? null,
    lifted_by: finding.hold?.lifted?.by ?? null,
  };
}
