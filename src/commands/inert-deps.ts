/**
 * Dependencies that can be passed on and taken apart but not used. Doors register their routes without them; one that does
 * use them then is found here, by an error that names the member.
 */
export function inertDeps<T extends object>(): T {
  return inert('deps') as T;
}

function inert(path: string): unknown {
  return new Proxy(() => undefined, {
    get: (_target, member) => inert(`${path}.${String(member)}`),
    apply: () => {
      throw new Error(`${path}() was called while routes were registered`);
    },
  });
}
