import { z } from 'zod';
import { funderSchema } from './schema/funder.ts';
import { lenderSchema } from './schema/lender.ts';
import { operatorSchema } from './schema/operator.ts';
import { trafficPartnerSchema } from './schema/traffic-partner.ts';

const FILES = {
  'partner.schema.json': { schema: trafficPartnerSchema, title: 'Traffic partner (traffic/<id>/partner.yaml)' },
  'lender.schema.json': { schema: lenderSchema, title: 'Lender (lending/<id>/lender.yaml)' },
  'funder.schema.json': { schema: funderSchema, title: 'Funder (funding/<id>/funder.yaml)' },
  'operator.schema.json': { schema: operatorSchema, title: 'Operator (operator.yaml)' },
} as const;

export type SchemaFileName = keyof typeof FILES;

/** JSON Schemas (draft 2020-12) of the counterparty files, for completion and checking in editors; by file name. */
export function counterpartyJsonSchemas(): Record<SchemaFileName, Record<string, unknown>> {
  const entries = Object.entries(FILES).map(([name, { schema, title }]) => {
    const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input' });
    return [name, { $schema, title, ...rest }];
  });
  return Object.fromEntries(entries) as Record<SchemaFileName, Record<string, unknown>>;
}
