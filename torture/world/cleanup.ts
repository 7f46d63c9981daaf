/** What is open and does not end by itself: servers, and the disks that they are on. */
const open = new Set<() => Promise<void>>();

/** @returns a function that closes it, once, whoever calls it first: the one that has it, or {@link cleanUp} */
export function closedOnce(close: () => Promise<void>): () => Promise<void> {
  let closing: Promise<void> | undefined;
  const once = (): Promise<void> => {
    closing ??= close().finally(() => open.delete(once));
    return closing;
  };
  open.add(once);
  return once;
}

/** Closes everything that is still open, also what somebody is just closing. */
export async function cleanUp(): Promise<void> {
  await Promise.allSettled([...open].map((close) => close()));
}
