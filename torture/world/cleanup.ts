/** What is open and does not end by itself: servers, and the disks that they are on. */
const open = new Set<() => Promise<void>>();

/** @returns a function that closes it, once, whoever calls it first: the one that has it, or {@link cleanUp} */
export function closedOnce(close: () => Promise<void>): () => Promise<void> {
  const once = async (): Promise<void> => {
    if (open.delete(once)) await close();
  };
  open.add(once);
  return once;
}

/** Closes everything that is still open. */
export async function cleanUp(): Promise<void> {
  await Promise.allSettled([...open].map((close) => close()));
}
