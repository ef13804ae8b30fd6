#!/usr/bin/env node
// The `sluice` command. A checkout works right after `npm ci`: what is older than its sources is bundled first, in a
// fraction of a second. A deployment runs `npm run build` once and needs no write access to `dist/`.
import { bundle, ENTRY, isStale } from './bundle.mjs';

if (isStale()) await bundle();
process.setSourceMapsEnabled(true);
await import(ENTRY);
