import dagre from '@dagrejs/dagre';
import type { TransitionTable } from '../applications/lifecycle/transitions.ts';

/** A state machine as it is drawn. */
export interface DrawnMachine<Status extends string> {
  readonly title: string;
  readonly table: TransitionTable<Status>;
  /** Internal statuses, which nobody outside meets. */
  readonly hidden: readonly Status[];
  /** Left never again; drawn with a double border. */
  readonly terminal: ReadonlySet<Status>;
}

const FONT_PX = 12;
/** Of a monospaced letter, as wide as browsers draw it. */
const LETTER_PX = 7.3;
const NODE_HEIGHT_PX = 30;
const LINE_HEIGHT_PX = 14;
const MARGIN_PX = 16;

interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly types: readonly string[];
}

/**
 * Draws a state machine from the table that judges events: an SVG of its own, readable on light and dark ground. Events that
 * leave the status as it is, and those that skip a step which is drawn, are in the table of the guide alone. The same table
 * gives the same bytes.
 */
export function drawStates<Status extends string>({ title, table, hidden, terminal }: DrawnMachine<Status>): string {
  const statuses = (Object.keys(table) as Status[]).filter((status) => !hidden.includes(status));
  const arrows = withoutSkips(statuses.flatMap((from) => arrowsFrom(table, from)));
  const graph = new dagre.graphlib.Graph({ multigraph: false });
  graph.setGraph({ rankdir: 'TB', nodesep: 36, ranksep: 44, edgesep: 18, marginx: MARGIN_PX, marginy: MARGIN_PX });
  for (const status of statuses) graph.setNode(status, { width: widthOf(status) + 20, height: NODE_HEIGHT_PX });
  for (const { from, to, types } of arrows) {
    const width = Math.max(...types.map(widthOf));
    graph.setEdge(from, to, { width, height: types.length * LINE_HEIGHT_PX, labelpos: 'c', types });
  }
  dagre.layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  const parts = [
    ...arrows.map((arrow) => arrowSvg(arrow, graph.edge(arrow.from, arrow.to).points ?? [])),
    ...arrows.map((arrow) => labelSvg(arrow, graph.edge(arrow.from, arrow.to))),
    ...statuses.map((status) => nodeSvg(status, graph.node(status), terminal.has(status))),
  ];
  const size = `${Math.ceil(width)} ${Math.ceil(height)}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size}" width="${Math.ceil(width)}" height="${Math.ceil(height)}" role="img" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="${FONT_PX}">
<title>${title}</title>
<defs><marker id="end" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#64748b"/></marker></defs>
<rect width="100%" height="100%" fill="#ffffff"/>
${parts.join('\n')}
</svg>
`;
}

/** One arrow for all events that lead the same way. */
function arrowsFrom<Status extends string>(table: TransitionTable<Status>, from: Status): Arrow[] {
  const byTarget = new Map<string, string[]>();
  for (const [type, to] of Object.entries(table[from]) as [string, Status][]) {
    if (to === from) continue;
    byTarget.set(to, [...(byTarget.get(to) ?? []), type]);
  }
  return [...byTarget].map(([to, types]) => ({ from, to, types }));
}

/** The transitive reduction: an arrow goes when a longer way leads there too. Ways round and back count as one step. */
function withoutSkips(arrows: readonly Arrow[]): Arrow[] {
  const reach = (start: string): ReadonlySet<string> => {
    const seen = new Set<string>();
    const visit = (status: string): void => {
      for (const { from, to } of arrows) {
        if (from !== status || seen.has(to)) continue;
        seen.add(to);
        visit(to);
      }
    };
    visit(start);
    return seen;
  };
  return arrows.filter(({ from, to }) => {
    const steps = arrows.filter((other) => other.from === from && other.to !== to).map((other) => other.to);
    return !steps.some((step) => !reach(step).has(from) && reach(step).has(to) && !reach(to).has(step));
  });
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function arrowSvg({ from, to }: Arrow, points: readonly Point[]): string {
  const way = points.map(({ x, y }, at) => `${at === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('');
  return `<path d="${way}" fill="none" stroke="#94a3b8" stroke-linejoin="round" marker-end="url(#end)"><title>${from} → ${to}</title></path>`;
}

function labelSvg({ types }: Arrow, edge: { readonly x?: number; readonly y?: number }): string {
  const { x = 0, y = 0 } = edge;
  const top = y - ((types.length - 1) * LINE_HEIGHT_PX) / 2 + FONT_PX / 3;
  return types
    .map((type, line) => {
      const at = `x="${round(x)}" y="${round(top + line * LINE_HEIGHT_PX)}"`;
      return `<text ${at} text-anchor="middle" fill="#334155" stroke="#ffffff" stroke-width="4" paint-order="stroke">${type}</text>`;
    })
    .join('');
}

function nodeSvg(
  status: string,
  node: { readonly x?: number; readonly y?: number; readonly width: number; readonly height: number },
  isTerminal: boolean,
): string {
  const { x = 0, y = 0, width, height } = node;
  const box = (inset: number): string =>
    `<rect x="${round(x - width / 2 + inset)}" y="${round(y - height / 2 + inset)}" width="${round(width - 2 * inset)}" height="${round(height - 2 * inset)}" rx="6" fill="#f1f5f9" stroke="#0f172a"/>`;
  const border = isTerminal ? box(0) + box(3) : box(0);
  return `${border}<text x="${round(x)}" y="${round(y + FONT_PX / 3)}" text-anchor="middle" font-weight="600" fill="#0f172a">${status}</text>`;
}

function widthOf(text: string): number {
  return text.length * LETTER_PX;
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}
