import type { OpenAPIHono } from '@hono/zod-openapi';
import { createLenderDoor } from '../doors/lender/lender-door.ts';
import { createOperatorDoor } from '../doors/operator/operator-door.ts';
import { createPartnerDoor } from '../doors/partner/partner-door.ts';
import { createReferralDoor } from '../doors/referral/referral-door.ts';
import { counterpartyJsonSchemas } from '../registry/json-schemas.ts';
import { inertDeps } from './inert-deps.ts';
import { doorDescriptions, securitySchemes } from './openapi-texts.ts';
import { statesGuide } from './states-guide.ts';
import { nameComponents, usedComponents, withNullableRefs } from './tidy-document.ts';

// biome-ignore lint/suspicious/noExplicitAny: doors differ in their party, of which a document knows nothing
type AnyDoor = OpenAPIHono<any>;

const DOORS: Readonly<Record<keyof typeof doorDescriptions, () => AnyDoor>> = {
  partner: () => createPartnerDoor(inertDeps()),
  lender: () => createLenderDoor(inertDeps()),
  operator: () => createOperatorDoor(inertDeps()),
  referral: () => createReferralDoor(inertDeps()),
};

/** Raised when a shape changes; `/v1` itself is additive only. */
const API_VERSION = '1.0.0';

/**
 * Every generated file by its path under `openapi/`: one OpenAPI 3.1 document a door, and JSON Schemas of the counterparty
 * files, the page of the guide about statuses. The same sources give the same bytes.
 */
export function openapiFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const [name, create] of Object.entries(DOORS)) {
    files.set(`${name}.json`, asText(documentOf(name as keyof typeof DOORS, create())));
  }
  for (const [name, schema] of Object.entries(counterpartyJsonSchemas())) {
    files.set(`schemas/${name}`, asText(schema));
  }
  for (const [name, text] of statesGuide()) files.set(`guide/${name}`, text);
  return files;
}

function documentOf(name: keyof typeof doorDescriptions, door: AnyDoor): Record<string, unknown> {
  const { title, description, security, tags } = doorDescriptions[name];
  nameComponents(door.openAPIRegistry);
  const document = door.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title, version: API_VERSION, description },
    // Relative: the document is right wherever it is served.
    servers: [{ url: '/', description: 'This gateway' }],
    tags: [...tags],
    security: security === null ? [] : [{ [security]: [] }],
  });
  const { components = {}, paths = {}, webhooks: _webhooks, ...rest } = withNullableRefs(document);
  return {
    ...rest,
    paths: sorted(paths),
    components: {
      ...(security === null ? {} : { securitySchemes: { [security]: securitySchemes[security] } }),
      schemas: sorted(usedComponents(paths, (components.schemas ?? {}) as Readonly<Record<string, unknown>>)),
      ...(components.parameters && Object.keys(components.parameters).length > 0
        ? { parameters: sorted(components.parameters) }
        : {}),
    },
  };
}

/** By name: the order in which modules happen to register things must not show. Members of a schema keep theirs. */
function sorted<T>(members: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(members).sort(([left], [right]) => (left < right ? -1 : 1)));
}

function asText(document: unknown): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
