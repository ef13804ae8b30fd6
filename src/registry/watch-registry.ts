import { watch } from 'chokidar';
import { type LoadOptions, type LoadResult, loadRegistry, RegistryError } from './load-registry.ts';
import type { Registry } from './registry.ts';
import type { RegistryProblem } from './registry-problem.ts';

export interface RegistryStatus {
  revision: string;
  /** When the set in use was loaded. */
  loadedAt: Date;
  /** Why the files now on disk are not in use; absent = they are. */
  lastError?: readonly RegistryProblem[];
  /** What the set in use was warned about. */
  warnings: readonly RegistryProblem[];
}

export type RegistryListener = (registry: Registry, previous: Registry) => void;

/** The counterparties as they are now. Ask `current()` at each use; never keep a snapshot longer than one request. */
export interface RegistrySource {
  current(): Registry;
  status(): RegistryStatus;
  /** Calls back after each replacement; returns the function that ends it. A throwing listener does not stop others. */
  onChange(listener: RegistryListener): () => void;
  /** Reads the files now; resolves when done. */
  reload(): Promise<RegistryStatus>;
  close(): Promise<void>;
}

export interface WatchOptions extends Omit<LoadOptions, 'pricedTerms'> {
  /** Quiet time after a change before the set is read; editors write in several steps. Default 200 ms. */
  debounceMs?: number;
  /** Asked before each reading; see `LoadOptions.pricedTerms`. */
  pricedTerms?: () => ReadonlyMap<string, string> | Promise<ReadonlyMap<string, string>>;
  /** Told after each reading, good or bad, and of faults of the disk or of listeners. */
  onReload?: (outcome: { status: RegistryStatus; fault?: unknown }) => void;
}

const DEFAULT_DEBOUNCE_MS = 200;

/**
 * Loads a directory and follows its changes. A bad set at the start throws `RegistryError`; a bad set later leaves the last
 * good one in use and shows in `status().lastError`.
 */
export async function watchRegistry(directory: string, options: WatchOptions = {}): Promise<RegistrySource> {
  const { debounceMs = DEFAULT_DEBOUNCE_MS, pricedTerms, onReload, ...load } = options;
  const read = async () => loadRegistry(directory, { ...load, pricedTerms: await pricedTerms?.() });

  // Watching begins before the first reading, so that no change falls between the two.
  let changedEarly = false;
  let source: FollowedSource | null = null;
  const stopWatching = await followChanges(
    directory,
    debounceMs,
    () => {
      if (source === null) changedEarly = true;
      else void source.reload().catch(source.report);
    },
    (fault) => source?.report(fault),
  );
  try {
    const first = await read();
    if (!first.ok) throw new RegistryError(directory, first.problems);
    source = followedSource(first, read, onReload);
    if (changedEarly) await source.reload();
  } catch (fault) {
    await stopWatching();
    throw fault;
  }
  const { report: _, settled, ...registrySource } = source;
  const close = async () => {
    await stopWatching();
    await settled();
  };
  return { ...registrySource, close };
}

interface FollowedSource extends Omit<RegistrySource, 'close'> {
  /** Tells the owner about a fault that nobody waits for. */
  report(fault: unknown): void;
  /** Resolves when no reading is under way; no listener is called afterwards. */
  settled(): Promise<void>;
}

/** Holds the set in use and replaces it by what `read` gives, when that is good. */
function followedSource(
  first: Extract<LoadResult, { ok: true }>,
  read: () => Promise<LoadResult>,
  onReload: WatchOptions['onReload'],
): FollowedSource {
  let current = first.registry;
  let status: RegistryStatus = { revision: current.revision, loadedAt: new Date(), warnings: first.warnings };
  const listeners = new Set<RegistryListener>();
  const report = (fault: unknown) => onReload?.({ status, fault });

  const replace = (next: Registry, warnings: readonly RegistryProblem[]) => {
    const previous = current;
    current = next;
    status = { revision: next.revision, loadedAt: new Date(), warnings };
    for (const listener of listeners) {
      try {
        listener(next, previous);
      } catch (fault) {
        report(fault);
      }
    }
  };
  const apply = async (): Promise<RegistryStatus> => {
    const result = await read();
    if (!result.ok) status = { ...status, lastError: result.problems };
    else if (result.registry.revision !== current.revision) replace(result.registry, result.warnings);
    else status = { revision: status.revision, loadedAt: status.loadedAt, warnings: result.warnings };
    onReload?.({ status });
    return status;
  };

  // One reading at a time, in order: a slow one must not overwrite a later one.
  let queue: Promise<unknown> = Promise.resolve();
  return {
    current: () => current,
    status: () => status,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    reload: () => {
      const next = queue.then(apply);
      queue = next.catch(() => undefined);
      return next;
    },
    report,
    settled: async () => {
      listeners.clear();
      await queue;
    },
  };
}

/** Calls `changed` once after each burst of changes to YAML files or folders. Resolves when watching has begun. */
async function followChanges(
  directory: string,
  debounceMs: number,
  changed: () => void,
  failed: (fault: unknown) => void,
): Promise<() => Promise<void>> {
  let timer: NodeJS.Timeout | undefined;
  const watcher = watch(directory, {
    ignoreInitial: true,
    ignored: (path, stats) => stats?.isFile() === true && !/\.(yaml|ts)$/.test(path),
  });
  watcher.on('all', () => {
    clearTimeout(timer);
    timer = setTimeout(changed, debounceMs);
  });
  watcher.on('error', failed);
  await new Promise<void>((resolve) => watcher.once('ready', resolve));
  return async () => {
    clearTimeout(timer);
    await watcher.close();
  };
}
