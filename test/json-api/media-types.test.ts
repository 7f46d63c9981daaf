import {
  isAcceptable,
  isSupportedContentType,
  MEDIA_TYPE as J,
  parseMediaTypes,
} from '../../src/json-api/media-types';

describe('Content-Type', () => {
  it.each([
    ['A11', J],
    ['A5', `${J}; profile="https://e.x/p"`],
    ['A5', `${J};profile="https://e.x/p https://e.x/q"`],
    ['A14', 'Application/VND.API+JSON'],
    ['A14', `${J}; PROFILE="x"`],
    ['A14', `${J};`],
    ['A14', `${J}; ext=""`],
    ['A11', 'application/json'],
    ['A11', 'application/json; charset=utf-8'],
    ['A11', 'application/json;charset="UTF-8"'],
  ])('%s %s is read', (_rule, header) => {
    expect(isSupportedContentType(header)).toBe(true);
    expect(isSupportedContentType(header)).toBe(true); // remembered
  });

  it.each([
    ['A3', `${J}; charset=utf-8`],
    ['A3', `${J}; q=1 ; charset=utf-8`],
    ['A3', `${J};foo=bar`],
    ['A3', `${J}; CHARSET="utf-8"`],
    ['A3', `${J}; profile="https://e.x/p"; charset=utf-8`],
    ['A4', `${J}; ext="https://e.x/none"`],
    ['A4', `${J}; ext="https://jsonapi.org/ext/atomic https://e.x/none"`],
    ['A4 J5', `${J}; ext="https://jsonapi.org/ext/atomic"`],
    ['A4', `${J}; EXT=https://e.x/none`],
    ['A14', `${J}; ext="a  b"`],
    ['A14', `${J}; ext="x`],
    ['A14', `${J}; ext`],
    ['A14', `${J}; ext="x"; ext="y"`],
    ['A11', 'text/plain'],
    ['A11', 'application/json; charset=latin1'],
    ['A11', `${J}, ${J}`],
    ['A11', 'application/vnd.api'],
    ['A11', ''],
    ['A11', '/'],
    ['A11', ';'],
  ])('%s %s is not', (_rule, header) => {
    expect(isSupportedContentType(header)).toBe(false);
    expect(isSupportedContentType(header)).toBe(false);
  });

  it('A3 has no weight', () => {
    expect(isSupportedContentType(`${J}; q=1`)).toBe(false);
  });
});

describe('Accept', () => {
  it.each([
    ['A5', `${J}; profile="https://e.x/p"`],
    ['A7', `${J}; charset=utf-8, ${J}`],
    ['A8', `${J}; ext="https://e.x/none", ${J}`],
    ['A9', `${J};q=0.5`],
    ['A9', `${J}; ext="https://e.x/none";q=1, ${J};q=0.1`],
    ['A10', '*/*'],
    ['A10', 'application/*'],
    ['A10', 'application/json'],
    ['A10', 'application/json, text/plain, */*'],
    ['A10', 'text/html, */*;q=0.1'],
    ['A10', ''],
    ['A14', 'Application/VND.API+JSON'],
    ['A14', `text/html;level="1,2", ${J}`],
  ])('%s %s gets a document', (_rule, header) => {
    expect(isAcceptable(header)).toBe(true);
  });

  it.each([
    ['A6', `${J}; charset=utf-8`],
    ['A6', `${J}; charset=utf-8, ${J};v=1`],
    ['A7', `${J}; charset=utf-8, */*`],
    ['A8', `${J}; ext="https://e.x/none"`],
    ['A9', `${J};q=0`],
    ['A9', `${J};q=0.000, */*`],
    ['A9', `${J};q=x`],
    ['A9', '*/*;q=0'],
    ['A9', 'application/*;q=0, */*'],
    ['A10', 'text/html'],
    ['A10', 'text/html, image/png'],
    ['A14', `${J}; ext="x`],
    ['A14', `${J}; ext="a  b"`],
    ['A14', ',;,'],
  ])('%s %s does not', (_rule, header) => {
    expect(isAcceptable(header)).toBe(false);
  });
});

describe('the memory for verdicts', () => {
  it('holds under many different headers, long ones too', () => {
    for (let index = 0; index < 2000; index++) expect(isAcceptable(`text/x${index}`)).toBe(false);
    expect(isAcceptable(`${J}; profile="${'x'.repeat(10_000)}"`)).toBe(true);
    expect(isAcceptable(J)).toBe(true);
  });
});

it('A14 quoted strings may hold separators and escapes', () => {
  const [first, second] = parseMediaTypes('a/b; x="1;2,3\\"4"; Y=z, c/d');
  expect(first?.parameters).toEqual(
    new Map([
      ['x', '1;2,3"4'],
      ['y', 'z'],
    ]),
  );
  expect(second?.name).toBe('c/d');
});
