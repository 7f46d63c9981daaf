import { isIP, isIPv4 } from 'node:net';

/**
 * Whose `X-Forwarded-*` headers are believed: nobody's (false), everybody's (true), those that so many proxies in a row
 * have written (a number), or those of proxies at these addresses.
 */
export type TrustedProxies = boolean | number | readonly string[];

/** More proxies in a row than anybody has. */
const MOST_HOPS = 32;
/** Networks that Fastify knows by name. */
const NAMES = ['loopback', 'linklocal', 'uniquelocal'];

/**
 * Reads `true`, `false`, a number of hops, or a list of addresses and networks with commas between.
 *
 * @returns undefined for anything else
 */
export function readTrustedProxies(text: string): TrustedProxies | undefined {
  if (text === 'true' || text === 'false') return text === 'true';
  if (/^\d+$/.test(text)) {
    const hops = Number(text);
    return hops >= 1 && hops <= MOST_HOPS ? hops : undefined;
  }
  const addresses = text.split(',').map((part) => part.trim());
  return addresses.every((address) => NAMES.includes(address) || isNetwork(address)) ? addresses : undefined;
}

/** @returns whether it is an address, alone or with a prefix in bits behind a slash (RFC 4632). */
function isNetwork(text: string): boolean {
  const [, address = '', prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  if (isIP(address) === 0) return false;
  return prefix === undefined || (Number(prefix) >= 1 && Number(prefix) <= (isIPv4(address) ? 32 : 128));
}

/**
 * As Fastify takes it. A number is made a function: Fastify 5 takes none for itself and would believe nobody. The
 * connection's own address is hop 0, so with one hop it is the proxy, and what the proxy says of its caller is the end.
 */
export function asFastifyHasIt(
  trusted: TrustedProxies,
): boolean | string[] | ((address: string, hop: number) => boolean) {
  if (typeof trusted === 'boolean') return trusted;
  return typeof trusted === 'number' ? (_address, hop) => hop < trusted : [...trusted];
}
