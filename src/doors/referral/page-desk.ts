import type { PageCounter } from '../../insight/pages/page-counter.ts';
import type { PageLoads } from '../../insight/pages/page-loads.ts';

/** Where what happens on hosted pages is counted. */
export interface PageDesk {
  readonly loads: PageLoads;
  readonly counter: Pick<PageCounter, 'count'>;
}
