import { extension, newPayment, newPurchase, newReservation, type Wish } from './demo-documents';
import type { Demo } from './demo-sales';

/** What a line does, and the line. */
type Line = readonly [does: string, line: string];

/** @returns lines for a shell to go on with, each below what it does. */
export function curlLines(url: string, demo: Demo): string {
  const shell = new Shell(url);
  const lines = [...reserving(shell, demo), ...paying(shell, demo), ...counting(shell, demo)];
  return lines.map(([does, line]) => `# ${does}\n${line}`).join('\n\n');
}

function reserving(shell: Shell, { users: { Ann }, concert, held, unwanted, extended }: Demo): Line[] {
  // As far as the service has let another one be extended.
  const { created_at, expires_at } = extended.attributes;
  const lasts = Date.parse(expires_at) - Date.parse(created_at);
  const until = new Date(Date.parse(held.attributes.created_at) + lasts).toISOString();
  const premium: Wish = { option: concert.options.circle, quantity: 1 };
  return [
    ['Read the concert with its ticket options', shell.get(`/events/${concert.id}?include=ticket_options`)],
    ['See what is available of it', shell.get(`/events/${concert.id}/ticket_options?filter[on_sale]=true`)],
    ['Reserve a ticket for Ann', shell.send('POST', '/reservations', newReservation(Ann, [premium]))],
    [
      'Extend her first reservation',
      shell.send('PATCH', `/reservations/${held.id}`, extension(held.id, until)),
    ],
    ['Cancel her second one, answered 204', shell.remove(`/reservations/${unwanted.id}`)],
    ['List what is reserved for her', shell.get(`/reservations?filter[user]=${Ann}&filter[status]=active`)],
  ];
}

function paying(shell: Shell, { users: { Ann }, meetUp, held, owned }: Demo): Line[] {
  const pay = (token: string): string => shell.send('POST', '/payments', newPayment(held.id, token));
  const entry: Wish = { option: meetUp.options.entry, quantity: 1 };
  return [
    ['Pay her first reservation with a card that is declined, answered 402', pay('card_error')],
    ['Pay it with a good one', pay('tok_visa')],
    [
      'Read it as it stands now, with what was bought',
      shell.get(`/reservations/${held.id}?include=purchases`),
    ],
    ['Buy a free ticket for her', shell.send('POST', '/purchases', newPurchase(Ann, entry))],
    ['List what she owns', shell.get(`/purchases?filter[user]=${Ann}`)],
    ['See the tickets that Cleo has paid', shell.get(`/purchases/${owned.id}/tickets`)],
    ['Give her the money back, answered 204', shell.remove(`/purchases/${owned.id}`)],
  ];
}

function counting(shell: Shell, { concert }: Demo): Line[] {
  return [
    ['Read the figures over all events', shell.get('/statistics/totals')],
    ['Read those of the concert', shell.get(`/statistics/events/${concert.id}`)],
    [
      'Rank the events by the share that is sold',
      shell.get('/statistics/events?sort=-sell_through&include=event'),
    ],
    ['Read the figures of VIP tickets of all events', shell.get('/statistics/kinds/vip')],
    ['List the kinds of ticket of the concert', shell.get(`/statistics/kinds?filter[event]=${concert.id}`)],
    ['See what was sold, minute by minute', shell.get('/statistics/sales?filter[interval]=minute')],
  ];
}

/** Writes requests for a POSIX shell. */
class Shell {
  constructor(private readonly url: string) {}

  get(path: string): string {
    return `curl -sg ${quote(this.url + path)}`;
  }

  send(method: string, path: string, data: object): string {
    const document = quote(JSON.stringify({ data }));
    return `curl -s -X ${method} ${quote(this.url + path)} -H 'Content-Type: application/vnd.api+json' -d ${document}`;
  }

  /** Shows the status, which is all there is to see. */
  remove(path: string): string {
    return `curl -si -X DELETE ${quote(this.url + path)}`;
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
