/**
 * Works through lanes side by side, each in its order.
 * @param width how many may be under way now; 0 = nothing new is begun
 * @param work one item; false = the rest of its lane is left alone
 * @throws what the first work that failed has thrown, after everything under way has ended
 */
export async function runLanes<Item>(
  lanes: readonly (readonly Item[])[],
  width: () => number,
  work: (item: Item) => Promise<boolean>,
): Promise<void> {
  const waiting = [...lanes];
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const run = async (lane: readonly Item[]): Promise<void> => {
    for (const item of lane) if (failures.length > 0 || !(await work(item))) return;
  };
  for (;;) {
    while (failures.length === 0 && waiting.length > 0 && running.size < width()) {
      const one: Promise<void> = run(waiting.shift() ?? [])
        .catch((error: unknown) => void failures.push(error))
        .finally(() => running.delete(one));
      running.add(one);
    }
    if (running.size === 0) break;
    await Promise.race(running);
  }
  if (failures.length > 0) throw failures[0];
}
