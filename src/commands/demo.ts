import { ConfigError, loadConfig } from '../config';
import { DemoClient } from './demo-client';
import { curlLines } from './demo-lines';
import { makeDemo } from './demo-sales';
import { tables } from './demo-tell';
import { runCommand } from './run';

/**
 * `npm run demo`: fills a running service with things to try, and prints what it made and how to go on. The service
 * is the one at HOST and PORT, or at the address that is given: `npm run demo -- http://host:port`.
 */
runCommand(async () => {
  const client = new DemoClient(addressOf(process.argv[2]));
  const demo = await makeDemo(client);
  const events = [demo.concert, demo.meetUp, demo.festival];
  const availability = await Promise.all(
    events.map(async ({ id, name }) => ({ event: name, options: await client.options(id) })),
  );
  console.log(`Made at ${client.url}:\n\n${tables(demo, availability)}\n`);
  console.log(`Go on with these, the reservations within the time they last:\n`);
  console.log(curlLines(client.url, demo));
});

/** @throws ConfigError */
function addressOf(argument: string | undefined): string {
  if (argument === undefined) return configuredAddress();
  const url = URL.canParse(argument) ? new URL(argument) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol))
    throw new ConfigError(`The address of the service must look like http://host:port; it is "${argument}".`);
  return (url.origin + url.pathname).replace(/\/+$/, '');
}

/** A service that listens to every address of the machine is asked at the one that is always there. */
function configuredAddress(): string {
  const { host, port } = loadConfig(process.env);
  const everywhere: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };
  const name = everywhere[host] ?? host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}
