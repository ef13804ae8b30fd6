import type { Logger } from 'pino';
import { JwksCache, type JwksObserver, type JwksParty } from '../keys/jwks-cache.ts';
import { KeyDesk } from '../keys/key-desk.ts';
import { type PartyRef, partyText } from '../keys/key-record.ts';
import { Keyring } from '../keys/keyring.ts';
import { PartyKeys } from '../keys/party-keys.ts';
import { createOutbound } from '../outbound/create-outbound.ts';
import type { SealedSource } from '../privacy/sealed-source.ts';
import type { Registry } from '../registry/registry.ts';
import { PUBLISHED_KEYS } from '../registry/validate-keys.ts';
import type { Ground } from './rooms.ts';
import { sealedKeyring } from './sealed-keyring.ts';
import type { StopList } from './stop-list.ts';

/** The keys of counterparties, from their files, from the keyring and from their own JWKS. */
export interface CounterpartyKeys {
  readonly directory: PartyKeys;
  readonly desk: KeyDesk;
  /** Their secrets, as something that is re-sealed when the sealing key changes. */
  readonly sealedSecrets: SealedSource;
  /** Looks for an unknown key id in the key sets of a kind of parties; true when there is something new. */
  refresh(kind: PartyRef['kind'], keyId: string): Promise<boolean>;
}

/** Reads the keyring, and begins to follow it and the key sets of parties that publish one. */
export async function openCounterpartyKeys(ground: Ground, logger: Logger, stops: StopList): Promise<CounterpartyKeys> {
  const { config, redis, registry, secrets, failed } = ground;
  const isSandbox = config.mode === 'sandbox';
  const outbound = createOutbound({ allowLoopback: isSandbox });
  const keyring = new Keyring({
    ...redis,
    sealer: secrets.sealer,
    failed: failed('keyring'),
    unusable: (keyIds) => logger.error({ keys: keyIds }, 'keys of the keyring cannot be opened and verify nothing'),
  });
  const jwks = new JwksCache({
    outbound,
    parties: () => jwksParties(registry.current()),
    refuse: ({ x }) => (!isSandbox && PUBLISHED_KEYS.includes(String(x)) ? 'its private half is published' : undefined),
    observer: jwksObserver(logger, () => directory.changed()),
  });
  const directory = new PartyKeys({
    registry,
    ring: () => keyring.current(),
    published: () => jwks.keys(),
    ignored: ({ id, party, source, owner }) =>
      logger.warn(
        { key: id, party: partyText(party), source, owner: partyText(owner) },
        'a key is ignored: its id belongs to another',
      ),
  });
  keyring.onChange(() => directory.changed());
  await keyring.start();
  stops.add('keyring', () => keyring.stop());
  registry.onChange(() => jwks.sync());
  jwks.start();
  stops.add('key sets', async () => {
    const stopped = jwks.stop();
    await outbound.close();
    await stopped;
  });
  return {
    directory,
    sealedSecrets: sealedKeyring(keyring),
    desk: new KeyDesk({
      keyring,
      partyKeys: directory,
      registry,
      sealer: secrets.sealer,
      refusePublished: !isSandbox,
    }),
    refresh: async (kind, keyId) => {
      const find = () => (kind === 'traffic' ? directory.traffic : directory.lenders).find(keyId)?.key;
      const before = find();
      await jwks.refreshUnknown(kind, () => find() !== before);
      const after = find();
      return after !== undefined && after !== before;
    },
  };
}

function jwksParties({ traffic, lenders }: Registry): JwksParty[] {
  const of = (kind: PartyRef['kind'], parties: Iterable<{ id: string; jwks_url?: string | undefined }>): JwksParty[] =>
    [...parties].flatMap(({ id, jwks_url: url }) => (url === undefined ? [] : [{ party: { kind, id }, url }]));
  return [...of('traffic', traffic.values()), ...of('lender', lenders.values())];
}

function jwksObserver(logger: Logger, changed: () => void): JwksObserver {
  return {
    changed,
    failed: (party, reason) => logger.warn({ party: partyText(party), reason }, 'a JWKS could not be read'),
    leftOut: (party, keys) => logger.warn({ party: partyText(party), keys }, 'keys of a JWKS are left out'),
  };
}
