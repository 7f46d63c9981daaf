import { audit } from '../../src/allocation/audit';
import { type Broken, brokenBy } from '../support/instance';
import { codeOf } from '../support/shop';
import { withTwoInstances } from '../support/two-instances';

const ORGANISERS = 8;
const CHANGES = 10;

/**
 * Organisers on two instances each add 1 to a number that they read before, ten times: what was overwritten is missing
 * at the end.
 *
 * @returns the number at the end, and how often somebody else had been first
 */
function addOneByOne({ broken, ifMatch = true }: { broken?: Broken; ifMatch?: boolean } = {}) {
  return withTwoInstances(
    async ({ shops, client }) => {
      const option = await shops[0].offer({ allocation: 10, description: '0' });
      let refused = 0;
      const organiser = async (number: number): Promise<void> => {
        const shop = shops[number % 2 === 0 ? 0 : 1];
        for (let made = 0; made < CHANGES;) {
          const read = await shop.get(`/ticket_options/${option}`);
          const next = String(Number(read.body.data?.attributes['description']) + 1);
          const etag = ifMatch ? String(read.headers['etag']) : undefined;
          const code = codeOf(await shop.change(option, { description: next }, etag));
          if (code === '200') made += 1;
          else if (code === 'precondition_failed') refused += 1;
          else throw new Error(code);
        }
      };
      await Promise.all(Array.from({ length: ORGANISERS }, (_, number) => organiser(number)));
      const { body } = await shops[1].get(`/ticket_options/${option}`);
      expect(await audit(client)).toEqual([]);
      return { number: Number(body.data?.attributes['description']), refused };
    },
    { broken },
  );
}

test('with If-Match no change is lost, and some are refused', async () => {
  const { number, refused } = await addOneByOne();
  expect(number).toBe(ORGANISERS * CHANGES);
  expect(refused).toBeGreaterThan(0);
});

test('negative control: without If-Match changes are lost', async () => {
  expect((await addOneByOne({ ifMatch: false })).number).toBeLessThan(ORGANISERS * CHANGES);
});

test('negative control: versions that are compared before the lock let changes be lost', async () => {
  const { number } = await addOneByOne({ broken: brokenBy('checks-too-early') });
  expect(number).toBeLessThan(ORGANISERS * CHANGES);
});
