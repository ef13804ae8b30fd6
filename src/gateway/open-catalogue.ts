import { Catalogue } from '../catalogue/catalogue.ts';
import type { Ground } from './rooms.ts';
import type { StopList } from './stop-list.ts';

/** Products as every process of the installation sees them. Started before any door opens: what is paused must be known. */
export async function openCatalogue(
  { redis, registry, clock, failed }: Pick<Ground, 'redis' | 'registry' | 'clock' | 'failed'>,
  stops: StopList,
): Promise<Catalogue> {
  const { client, subscriber, keys } = redis;
  const catalogue = new Catalogue({ client, subscriber, keys, clock, registry, failed: failed('catalogue') });
  stops.add('catalogue', () => catalogue.stop());
  await catalogue.start();
  return catalogue;
}
