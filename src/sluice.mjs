#!/usr/bin/env node
// The `sluice` command: runs the TypeScript sources through tsx, so that a checkout works right after `npm ci`.
import { register } from 'tsx/esm/api';

register();
await import('./main.ts');
