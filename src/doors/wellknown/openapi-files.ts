import { fileURLToPath } from 'node:url';
import { z } from '@hono/zod-openapi';
import type { Door } from '../../http/app.ts';
import { ProblemError } from '../../http/problem.ts';
import { pageRouteWith } from './page-route.ts';
import { createFileCache, serveFile } from './static-file.ts';

const DIRECTORY = fileURLToPath(new URL('../../../openapi/', import.meta.url));

/** Clients ask each time whether it is still the same. */
const CACHE_CONTROL = 'public, no-cache';

const jsonFile = z.object({ file: z.string() });
/** Names only: nothing that could leave the folder. */
const FILE_NAME = /^[a-z]+(\.schema)?\.json$/;

/** The committed documents as they are: generating them in a running gateway would cost memory and could differ. */
export function registerOpenapiFiles(door: Door): void {
  const files = createFileCache();
  const serve = async (folder: string, name: string, ifNoneMatch: string | undefined): Promise<Response> => {
    const file = FILE_NAME.test(name) ? await files(`${folder}${name}`) : undefined;
    if (file === undefined) throw new ProblemError('not_found', 'there is no such document');
    return serveFile(file, ifNoneMatch, CACHE_CONTROL);
  };
  door.openapi(pageRouteWith('/openapi/{file}', jsonFile), (c) =>
    serve(DIRECTORY, c.req.valid('param').file, c.req.header('if-none-match')),
  );
  door.openapi(pageRouteWith('/openapi/schemas/{file}', jsonFile), (c) =>
    serve(`${DIRECTORY}schemas/`, c.req.valid('param').file, c.req.header('if-none-match')),
  );
}
