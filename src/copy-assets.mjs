// The last step of `npm run build`: everything in src/ that is not TypeScript goes beside the compiled modules.
import { cpSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('.', import.meta.url));
const target = fileURLToPath(new URL('../dist', import.meta.url));
cpSync(source, target, { recursive: true, filter: (path) => !/\.(ts|mjs)$|tsconfig\.json$/.test(path) });
