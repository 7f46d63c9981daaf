import { IsEmail, validateSync } from 'class-validator';
import fc from 'fast-check';
import { Attribute, integer, Resource, text } from '../../src/json-api';
import { keepsRules } from '../../src/json-api/rules';
import { Reservation } from '../../src/reservations/reservation.resource';
import { TicketOption } from '../../src/ticket-options/ticket-option.resource';

const value = fc.oneof(
  fc.constantFrom(null, undefined, true, 0, 1, 4, -1, 2_147_483_648, '', 'text', 'x'.repeat(201)),
  fc.constantFrom(new Date(0), new Date(1), '1a1f8a13-3530-450e-87fc-8e2c56f90089'),
  fc.anything(),
);

describe('keepsRules', () => {
  test.each([
    ['ticket options', TicketOption, ['name', 'allocation', 'kind', 'salesStartAt', 'salesEndAt', 'event']],
    ['reservations', Reservation, ['quantity', 'user', 'ticketOption', 'ticketOptions', 'expiresAt']],
  ] as const)('agrees with class-validator about %s', (_name, target, properties) => {
    let kept = 0;
    const valid: Record<string, unknown> =
      target === TicketOption
        ? {
            name: 'a',
            description: null,
            allocation: 1,
            kind: null,
            priceCents: 0,
            maxPerUser: null,
            maxPerOrder: null,
            salesStartAt: null,
            salesEndAt: null,
            event: null,
          }
        : {
            quantity: 2,
            user: '1a1f8a13-3530-450e-87fc-8e2c56f90089',
            ticketOption: 'x',
            ticketOptions: null,
            expiresAt: new Date(0),
          };
    const changes = fc.dictionary(fc.constantFrom(...properties), value, { maxKeys: 3 });
    fc.assert(
      fc.property(changes, (changed) => {
        const object = Object.assign(Object.create(target.prototype) as object, valid, changed);
        const errors = validateSync(object, { forbidUnknownValues: false });
        const isKept = keepsRules(target, object);
        if (isKept) kept += 1;
        expect(isKept).toBe(errors.length === 0);
      }),
      { numRuns: 2_000 },
    );
    expect(kept).toBeGreaterThan(100);
  });

  test('takes rules of class-validator’s own, and leaves what is more than a function to it', () => {
    @Resource({ type: 'people', path: '/people' })
    class Person {
      readonly id: string;

      @IsEmail()
      @Attribute(text({ maximum: 50 }), { write: 'required' })
      address: string;
    }

    @Resource({ type: 'groups', path: '/groups' })
    class Group {
      readonly id: string;

      @IsEmail({}, { each: true })
      @Attribute(integer(), { write: 'required' })
      size: number;
    }

    expect(keepsRules(Person, { address: 'somebody@example.org' })).toBe(true);
    expect(keepsRules(Person, { address: 'somebody' })).toBe(false);
    expect(keepsRules(Group, { size: 1 })).toBe(false);
  });
});
