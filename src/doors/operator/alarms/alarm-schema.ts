import { z } from '@hono/zod-openapi';
import { idSchema, instantSchema } from '../../../http/common-schemas.ts';
import { ALARM_KINDS, WATCH_WINDOWS } from '../../../screening/probe-watch/finding.ts';

const acknowledgementSchema = z
  .object({
    by: z.string().openapi({ description: 'Operator', example: 'li.na' }),
    at: instantSchema.openapi({ description: 'When, real time' }),
    reason: z.string().openapi({ description: 'What was found', example: 'load test, announced by the partner' }),
  })
  .openapi({ description: 'Who has seen to it' });

export const alarmSchema = z
  .object({
    id: idSchema('alm').openapi({ description: 'Alarm' }),
    partner_id: z.string().openapi({ description: 'Whose questions', example: 'acme' }),
    kind: z.enum(ALARM_KINDS).openapi({
      description:
        'sequential_sweep = phone numbers tried one after the other; masked_sweep = one name, or two parts of a masked ' +
        'person, with many of the rest; hit_rate = a share of known people far from the partner’s own past; hash_only = ' +
        'hashes by the thousand, of which next to nobody is accepted or comes; card_testing = most of many bank cards refused; ' +
        'code_pumping = one-time codes for nearly as many phones as the partner may have in a day; traffic_quality = clicks of ' +
        'some of its links are not billable meanwhile, see `/admin/v1/quality`',
      example: 'sequential_sweep',
    }),
    window: z.enum(WATCH_WINDOWS).openapi({ description: 'Over which time it was last seen', example: '10m' }),
    evidence: z.record(z.string(), z.number()).openapi({
      description: 'Counts and shares that it rests on, as last seen; never an identity',
      example: { asked_plain: 412, neighbours: 397, neighbours_share: 0.9636, largest_range: 397 },
    }),
    raised_at: instantSchema.openapi({ description: 'When it was raised, real time' }),
    last_seen_at: instantSchema.openapi({ description: 'When it was last seen, real time' }),
    ended_at: instantSchema.nullable().openapi({ description: 'When it ended by itself; null while it is on' }),
    acknowledged: acknowledgementSchema.nullable().openapi({ description: 'The first acknowledgement; null = none' }),
  })
  .openapi('Alarm', { description: 'A sign that a partner tries identities rather than brings people' });
