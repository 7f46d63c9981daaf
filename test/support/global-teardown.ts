/** After all tests: what the global setup has made goes. */
export default async function globalTeardown(): Promise<void> {
  await globalThis.holdfastTestServer?.end();
}
