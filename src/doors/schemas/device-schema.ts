import { z } from '@hono/zod-openapi';
import { instantSchema } from '../../http/common-schemas.ts';
import { ipSchema, regionSchema, textSchema } from './scalars.ts';

const locationSchema = z
  .strictObject({
    longitude: z.number().min(-180).max(180).openapi({ description: 'Degrees east, WGS 84', example: 116.45 }),
    latitude: z.number().min(-90).max(90).openapi({ description: 'Degrees north, WGS 84', example: 39.91 }),
    region: regionSchema.optional(),
    at: instantSchema.optional().openapi({ description: 'When it was there', example: '2026-01-01T00:00:00.000Z' }),
  })
  .openapi('Location', { description: 'Where the device was' });

/** The device that the applicant holds. */
export const deviceSchema = z
  .strictObject({
    id: textSchema(128)
      .optional()
      .openapi({ description: 'Device identifier', example: '8d1f7f5c-6d3f-4b0e-9b57-0f5f8f0a7c11' }),
    id_kind: z
      .enum(['oaid', 'idfa', 'android_id', 'imei', 'web', 'other'])
      .optional()
      .openapi({ description: 'What kind of identifier `id` is', example: 'oaid' }),
    os: textSchema(32).optional().openapi({ description: 'Operating system', example: 'android' }),
    os_version: textSchema(32).optional().openapi({ description: 'Version of it', example: '14' }),
    brand: textSchema(64).optional().openapi({ description: 'Brand', example: 'Huawei' }),
    model: textSchema(64).optional().openapi({ description: 'Model', example: 'ALN-AL00' }),
    app_version: textSchema(32).optional().openapi({ description: 'Version of your app', example: '5.2.0' }),
    ip: ipSchema.optional(),
    user_agent: textSchema(512)
      .optional()
      .openapi({ description: 'User agent', example: 'Mozilla/5.0 (Linux; Android 14)' }),
    location: locationSchema.optional(),
  })
  .refine((device) => (device.id === undefined) === (device.id_kind === undefined), {
    error: 'id and id_kind go together',
    path: ['id_kind'],
  })
  .openapi('Device', { description: 'The applicant’s device' });
