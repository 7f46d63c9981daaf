import { type Axis, type Scale, scaleOf } from './scale';

export interface Line {
  readonly name: string;
  readonly color: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Thicker than the others. */
  readonly isMain?: boolean;
}

/** One pair of axes. */
export interface Panel {
  readonly x: Axis;
  readonly y: Axis;
  readonly lines: readonly Line[];
}

const WIDTH = 900;
const LEFT = 84;
const PLOT_WIDTH = 540;
const PLOT_HEIGHT = 300;
const SMALL_PLOT_HEIGHT = 150;
const HEAD = 48;
/** Between the plots: labels and the title of the axis. */
const BELOW = 58;

/**
 * Draws line charts below each other as one SVG. It brings its own background, since a page may be light or dark; and
 * it needs no script and no font of its own.
 */
export function chart(title: string, subtitle: string, panels: readonly Panel[]): string {
  const plotHeight = panels.length > 1 ? SMALL_PLOT_HEIGHT : PLOT_HEIGHT;
  const height = HEAD + panels.length * (plotHeight + BELOW) + 8;
  const parts = panels.map((panel, index) => plot(panel, HEAD + index * (plotHeight + BELOW), plotHeight));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escape(title)}" font-family="system-ui, sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${height}" rx="6" fill="#ffffff" stroke="#d0d7de"/>`,
    text(LEFT, 22, title, 'start', 'font-size="15" font-weight="600"'),
    text(LEFT, 38, subtitle, 'start', 'fill="#57606a"'),
    ...parts.flat(),
    '</svg>',
    '',
  ].join('\n');
}

function plot({ x, y, lines }: Panel, top: number, height: number): string[] {
  const points = lines.flatMap((line) => line.points);
  const scaleX = scaleOf(
    x,
    points.map(([value]) => value),
  );
  const scaleY = scaleOf(
    y,
    points.map(([, value]) => value),
  );
  const atX = (value: number): number => LEFT + scaleX.place(value) * PLOT_WIDTH;
  const atY = (value: number): number => top + (1 - scaleY.place(value)) * height;
  const middle = top + height / 2;
  return [
    ...gridX(scaleX, atX, top, height),
    ...gridY(scaleY, atY),
    `<rect x="${LEFT}" y="${top}" width="${PLOT_WIDTH}" height="${height}" fill="none" stroke="#8c959f"/>`,
    text(LEFT + PLOT_WIDTH / 2, top + height + 38, x.title, 'middle', 'fill="#24292f"'),
    text(18, middle, y.title, 'middle', `fill="#24292f" transform="rotate(-90 18 ${n(middle)})"`),
    ...lines.flatMap((line, index) => [...drawn(line, atX, atY), ...legend(line, top + 8 + index * 20)]),
  ];
}

function gridX(
  { ticks, label }: Scale,
  at: (value: number) => number,
  top: number,
  height: number,
): string[] {
  return ticks.flatMap((tick) => [
    `<path d="M${n(at(tick))} ${top}v${height}" stroke="#eaeef2"/>`,
    text(at(tick), top + height + 18, label(tick), 'middle', 'fill="#57606a"'),
  ]);
}

function gridY({ ticks, label }: Scale, at: (value: number) => number): string[] {
  return ticks.flatMap((tick) => [
    `<path d="M${LEFT} ${n(at(tick))}h${PLOT_WIDTH}" stroke="#eaeef2"/>`,
    text(LEFT - 8, at(tick) + 4, label(tick), 'end', 'fill="#57606a"'),
  ]);
}

function drawn(line: Line, atX: (value: number) => number, atY: (value: number) => number): string[] {
  const places = line.points.map(([x, y]) => [n(atX(x)), n(atY(y))] as const);
  const path = places.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${x} ${y}`).join('');
  const width = line.isMain === true ? 3 : 1.75;
  // Many points are a line already.
  const dots =
    places.length > 20
      ? []
      : places.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="${width + 1}" fill="${line.color}"/>`);
  return [
    `<path d="${path}" fill="none" stroke="${line.color}" stroke-width="${width}" stroke-linejoin="round"/>`,
    ...dots,
  ];
}

function legend({ name, color, isMain }: Line, top: number): string[] {
  const left = LEFT + PLOT_WIDTH + 16;
  return [
    `<path d="M${left} ${top}h20" stroke="${color}" stroke-width="${isMain === true ? 3 : 1.75}"/>`,
    text(left + 26, top + 4, name, 'start', isMain === true ? 'font-weight="600"' : ''),
  ];
}

function text(x: number, y: number, words: string, anchor: string, more: string): string {
  const attributes = more === '' ? '' : ` ${more}`;
  const fill = more.includes('fill=') ? '' : ' fill="#24292f"';
  return `<text x="${n(x)}" y="${n(y)}" text-anchor="${anchor}"${fill}${attributes}>${escape(words)}</text>`;
}

/** Tenths are enough: fewer bytes, and the same in every run. */
function n(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escape(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
