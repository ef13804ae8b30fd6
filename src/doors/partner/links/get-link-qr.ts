import { createRoute, z } from '@hono/zod-openapi';
import { toSvgSource } from 'lean-qr/extras/svg';
import { entityTag, isKnownTag } from '../../../http/entity-tag.ts';
import { ProblemError } from '../../../http/problem.ts';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import { QR_BYTES_MAX, QR_LEVELS, type QrLevel, QUIET_ZONE_MODULES, qrCode } from '../../qr/qr-code.ts';
import { qrPng } from '../../qr/qr-png.ts';
import { SUB_ID_MAX, subIdMembers } from '../../schemas/sub-ids-schema.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';
import { linkCodePathSchema } from './link-schema.ts';
import { linkAddress } from './link-view.ts';
import { ownLink } from './own-link.ts';

const SIZE_MAX = 2_048;
const SIZE_MIN = 64;
const SIZE_DEFAULT = 512;
const MARGIN_MAX = 32;
const SUB_IDS = ['sub1', 'sub2', 'sub3', 'sub4', 'sub5', 'sub6', 'sub7', 'sub8', 'sub9', 'sub10'] as const;

const subId = z
  .string()
  .min(1)
  .max(SUB_ID_MAX)
  .optional()
  .openapi({ description: 'Goes into the address of the code, to tell where it was scanned', example: 'window' });

const querySchema = z.strictObject({
  size: z.coerce
    .number()
    .int()
    .min(SIZE_MIN)
    .max(SIZE_MAX)
    .default(SIZE_DEFAULT)
    .openapi({
      description: `Width and height in pixels, ${SIZE_MIN} to ${SIZE_MAX}`,
      example: SIZE_DEFAULT,
    }),
  margin: z.coerce.number().int().min(0).max(MARGIN_MAX).default(QUIET_ZONE_MODULES).openapi({
    description: 'White around the code in modules; scanners need 4, so less only on what is white already',
    example: QUIET_ZONE_MODULES,
  }),
  level: z.enum(QR_LEVELS).default('M').openapi({
    description: 'How much may be dirty or torn: L 7 %, M 15 %, Q 25 %, H 30 %',
    example: 'M',
  }),
  ...subIdMembers(subId),
});
type QrQuery = z.output<typeof querySchema>;

const FORMATS = {
  svg: { type: 'image/svg+xml', operationId: 'getLinkQrSvg', name: 'SVG' },
  png: { type: 'image/png', operationId: 'getLinkQrPng', name: 'PNG' },
} as const;
type Format = keyof typeof FORMATS;

const headers = z.object({
  ETag: z.string().openapi({
    description: 'Strong: the same picture. Send it back as If-None-Match',
    example: '"9fQm2Zr0cW1b7xT4uLk8sA"',
  }),
});

function routeOf<F extends Format>(format: F) {
  const { type, operationId, name } = FORMATS[format];
  return createRoute({
    method: 'get',
    path: `/v1/links/{code}/qr.${format}` as const,
    operationId,
    tags: ['Links'],
    summary: `QR code of a link as ${name}`,
    description:
      'The address of the link, with `sub1` … `sub10` where you give them: one link for many posters. Black on white, with ' +
      'the quiet zone that scanners need. The picture stays the same as long as the address does.',
    request: { params: z.object({ code: linkCodePathSchema }), query: querySchema },
    responses: {
      200: { description: 'The picture', headers, content: { [type]: { schema: z.string() } } },
      304: { description: 'It is the one whose ETag you sent', headers },
      ...problemResponses(...signedProblems, 'not_found'),
    },
  });
}

/** `GET /v1/links/{code}/qr.svg` and `/qr.png`. */
export function registerGetLinkQr(door: PartnerDoor, deps: PartnerDeps): void {
  for (const format of ['svg', 'png'] as const) {
    door.openapi(routeOf(format), async (c) => {
      const link = await ownLink(deps, partyOf(c).id, c.req.valid('param').code);
      const query = c.req.valid('query');
      const address = addressWith(linkAddress(link, deps), query);
      if (address.length > QR_BYTES_MAX[query.level]) throw tooLong(query.level);
      const etag = entityTag(JSON.stringify([format, address, query.size, query.margin, query.level]));
      const caching = { etag, 'cache-control': 'private, max-age=86400' };
      if (isKnownTag(c.req.header('if-none-match'), etag)) return new Response(null, { status: 304, headers: caching });
      const picture = await draw(format, address, query);
      return new Response(picture, { headers: { ...caching, 'content-type': FORMATS[format].type } });
    });
  }
}

async function draw(format: Format, address: string, { size, margin, level }: QrQuery): Promise<string | Uint8Array> {
  const code = qrCode(address, level);
  if (format === 'svg') {
    const paint = { on: 'black', off: 'white', pad: margin, width: size, height: size, xmlDeclaration: true };
    return toSvgSource(code, paint);
  }
  const png = await qrPng(code, size, margin);
  if (png !== undefined) return png;
  const message = `must be at least ${code.size + 2 * margin} for this address: a module is a pixel at the least`;
  throw new ProblemError('validation_failed', `size: ${message}`, {
    errors: [{ pointer: '/size', in: 'query', code: 'too_small', message }],
  });
}

/** An address is ASCII: as many bytes as characters. */
function tooLong(level: QrLevel): ProblemError {
  const message = `a code of level ${level} holds ${QR_BYTES_MAX[level]} characters, and the address has more: shorten sub1 … sub10`;
  return new ProblemError('validation_failed', message, {
    errors: [{ pointer: '/sub1', in: 'query', code: 'too_big', message }],
  });
}

function addressWith(address: string, query: QrQuery): string {
  const given = new URLSearchParams();
  for (const name of SUB_IDS) if (query[name] !== undefined) given.set(name, query[name]);
  return given.size === 0 ? address : `${address}?${given.toString()}`;
}
