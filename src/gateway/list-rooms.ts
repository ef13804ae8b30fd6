import type { Clock } from '../base/clock.ts';
import { type Config, ConfigError } from '../config.ts';
import { AutoHolds } from '../screening/lists/auto/auto-holds.ts';
import { HitStore } from '../screening/lists/hits/hit-store.ts';
import { ListStore } from '../screening/lists/list-store.ts';
import { type ListForms, parseListForms } from '../screening/lists/list-tokens.ts';
import type { OpenRedis } from './open-redis.ts';
import type { Secrets } from './secrets.ts';

/** The shared lists as the rest of the gateway uses them. */
export interface ListRooms {
  readonly lists: ListStore;
  /** Which entries had a part in which decisions. */
  readonly listHits: HitStore;
  readonly autoHolds: AutoHolds;
}

/** @throws ConfigError for forms that are none */
export function listFormsOf({ listForms }: Pick<Config, 'listForms'>): ListForms {
  const forms = parseListForms(listForms);
  if (forms === undefined) throw new ConfigError(`bad settings\n  SLUICE_LIST_FORMS: ${listForms}`);
  return forms;
}

export function createListRooms(
  { client, keys }: OpenRedis,
  {
    config,
    secrets,
    clock,
  }: { readonly config: Pick<Config, 'listForms'>; readonly secrets: Secrets; readonly clock: Clock },
): ListRooms {
  const lists = new ListStore({ client, keys, tokenizer: secrets.tokenizer, clock, forms: listFormsOf(config) });
  const listHits = new HitStore({ client, keys, clock, details: lists.parts.details });
  return { lists, listHits, autoHolds: new AutoHolds(client, keys) };
}
