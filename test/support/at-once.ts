/**
 * Begins everything at once: scenes that mostly wait take no longer together than one of them alone.
 *
 * @returns for each what comes of it, for the test that it belongs to
 */
export async function atOnce<T>(
  works: Readonly<Record<string, () => Promise<T>>>,
): Promise<(name: string) => Promise<T>> {
  const runs = new Map(Object.entries(works).map(([name, work]) => [name, work()]));
  await Promise.allSettled(runs.values());
  return (name) => runs.get(name) ?? Promise.reject(new Error(`nothing is called ${name}`));
}
