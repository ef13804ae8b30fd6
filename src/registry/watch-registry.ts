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

export interface WatchOptions extends LoadOptions {
  /** Quiet time after a change before the set is read; editors write in several steps. Default 200 ms. */
  debounceMs?: number;
  /** After a reading that failed by no fault of the files, such as a disk or a store that is away, the next. Default 5 s. */
  retryMs?: number;
  /** Told after each reading, good or bad, and of faults of the disk or of listeners. */
  onReload?: (outcome: { status: RegistryStatus; fault?: unknown }) => void;
}

const DEFAULT_DEBOUNCE_MS = 200;
const DEFAULT_RETRY_MS = 5_000;

/**
 * Loads a directory and follows its changes. A bad set at the start throws `RegistryError`; a bad set later leaves the last
 * good one in use and shows in `status().lastError`.
 */
export async function watchRegistry(directory: string, options: WatchOptions = {}): Promise<RegistrySource> {
  const { debounceMs = DEFAULT_DEBOUNCE_MS, retryMs = DEFAULT_RETRY_MS, onReload, ...load } = options;
  const read = () => loadRegistry(directory, load);

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
    source = followedSource(first, read, { retryMs, onReload });
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
  { retryMs, onReload }: { retryMs: number; onReload: WatchOptions['onReload'] },
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
  let retry: NodeJS.Timeout | undefined;
  const apply = async (): Promise<RegistryStatus> => {
    clearTimeout(retry);
    const result = await read().catch(unread);
    if ('fault' in result) {
      status = { ...status, lastError: [UNREAD] };
      report(result.fault);
      retry = setTimeout(reload, retryMs);
      return status;
    }
    if (!result.ok) status = { ...status, lastError: result.problems };
    else if (result.registry.revision !== current.revision) replace(result.registry, result.warnings);
    else status = { revision: status.revision, loadedAt: status.loadedAt, warnings: result.warnings };
    onReload?.({ status });
    return status;
  };

  // One reading at a time, in order: a slow one must not overwrite a later one.
  let queue: Promise<unknown> = Promise.resolve();
  const reload = (): Promise<RegistryStatus> => {
    const next = queue.then(apply);
    queue = next.catch(() => undefined);
    return next;
  };
  return {
    current: () => current,
    status: () => status,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    reload,
    report,
    settled: async () => {
      listeners.clear();
      await queue;
      clearTimeout(retry);
    },
  };
}

/** The files on disk may be other ones than those in use, and nobody can tell: said like any other reason. */
const UNREAD: RegistryProblem = {
  file: '.',
  line: 1,
  column: 1,
  path: '',
  message: 'the files could not be read or checked; the log says why',
  code: 'unreadable',
  hint: 'it is tried again by itself',
};

function unread(fault: unknown): { readonly fault: unknown } {
  return { fault };
}

/** Calls `changed` once after each burst of changes to files that a set is read from, or folders. Resolves when watching has begun. */
async function followChanges(
  directory: string,
  debounceMs: number,
  changed: () => void,
  failed: (fault: unknown) => void,
): Promise<() => Promise<void>> {
  let timer: NodeJS.Timeout | undefined;
  const watcher = watch(directory, {
    ignoreInitial: true,
    ignored: (path, stats) => stats?.isFile() === true && !/\.(yaml|ts|txt)$/.test(path),
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
