export type Cell = string | number;

/** @returns lines in columns, texts to the left and numbers to the right, with the titles above. */
export function table(titles: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const columns = titles.map((title, column) => {
    const cells = rows.map((row) => row[column] ?? '');
    const isNumeric = cells.every((cell) => typeof cell === 'number');
    const width = Math.max(title.length, ...cells.map((cell) => String(cell).length));
    return { isNumeric, width };
  });
  const line = (cells: readonly Cell[]): string =>
    columns
      .map(({ isNumeric, width }, column) => {
        const text = String(cells[column] ?? '');
        return isNumeric ? text.padStart(width) : text.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return [titles, ...rows].map(line).join('\n');
}
