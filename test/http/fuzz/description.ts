import type { OpenAPIObject } from '@nestjs/swagger';
import type { TestApp } from '../../support/app';
import { type RefusalCode, refusalKind } from '../../../src/refusals';

/** What is at an address: for each method the codes of its answers, by their status. */
interface Place {
  /** With the names of its parameters in braces. */
  readonly path: string;
  readonly address: RegExp;
  readonly methods: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/** What is said of an address, or a method there, that the description does not have. */
const NOWHERE: readonly string[] = ['not_found', 'malformed_request', 'method_not_allowed'];

/** What the service says of itself at `/openapi.json`. */
export class Description {
  private constructor(private readonly places: readonly Place[]) {}

  static async of({ url }: Pick<TestApp, 'url'>): Promise<Description> {
    const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as OpenAPIObject;
    return new Description(Object.entries(paths).map(([path, item]) => placeOf(path, item)));
  }

  /** Every method at every address, as {@link operationAt} calls it. */
  get operations(): string[] {
    return this.places.flatMap(({ path, methods }) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
  }

  /** @returns what the description calls it to ask for that */
  operationAt(method: string, path: string): string {
    return `${described(method)} ${this.placeAt(path)?.path ?? 'nothing'}`;
  }

  /** @returns what of an answer is not described */
  missing(method: string, path: string, status: number, codes: readonly RefusalCode[]): string[] {
    const answers = this.placeAt(path)?.methods[described(method)];
    if (answers === undefined) {
      if (codes.length === 0) return [`the status ${status} where nothing is`];
      return codes.filter((code) => !NOWHERE.includes(code)).map((code) => `${code} where nothing is`);
    }
    const problems = answers[status] === undefined ? [`the status ${status}`] : [];
    for (const code of codes)
      if (answers[refusalKind(code).status]?.includes(code) !== true) problems.push(`the code ${code}`);
    return problems;
  }

  private placeAt(path: string): Place | undefined {
    const [address = ''] = path.split('?', 1);
    return this.places.find((each) => each.address.test(address));
  }
}

/** HEAD is what GET is, and is not described. */
function described(method: string): string {
  return method === 'HEAD' ? 'get' : method.toLowerCase();
}

function placeOf(path: string, item: OpenAPIObject['paths'][string]): Place {
  const methods = Object.entries(item as Record<string, { responses?: Record<string, Response> }>).map(
    ([method, { responses = {} }]) => [method, codesOf(responses)] as const,
  );
  return {
    path,
    address: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]*')}$`),
    methods: Object.fromEntries(methods),
  };
}

interface Response {
  readonly content?: Readonly<Record<string, { examples?: Readonly<Record<string, unknown>> }>>;
}

/** Each code has an example. */
function codesOf(responses: Readonly<Record<string, Response>>): Record<string, string[]> {
  const codes = Object.entries(responses).map(([status, { content = {} }]) => [
    status,
    Object.values(content).flatMap(({ examples = {} }) => Object.keys(examples)),
  ]);
  return Object.fromEntries(codes) as Record<string, string[]>;
}
