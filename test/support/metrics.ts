/** What a service tells at `/metrics`: each sample by its name with its labels, as they are written. */
export class Metrics {
  private constructor(
    readonly text: string,
    private readonly samples: ReadonlyMap<string, number>,
  ) {}

  /** @param url the service, or the listener for its metrics */
  static async of(url: string, headers: Record<string, string> = {}): Promise<Metrics> {
    const answer = await fetch(`${url}/metrics`, { headers });
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`${answer.status} ${text}`);
    const samples = text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map(
        (line) =>
          [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))] as const,
      );
    return new Metrics(text, new Map(samples));
  }

  /** @returns undefined when there is no such sample */
  get(sample: string): number | undefined {
    return this.samples.get(sample);
  }

  /** @returns the sum of all samples of a name that have a text among their labels */
  sum(name: string, label = ''): number {
    let sum = 0;
    for (const [sample, value] of this.samples)
      if (sample.startsWith(`${name}{`) && sample.includes(label)) sum += value;
    return sum;
  }

  /** @returns every value that a label has, in whatever sample of a name */
  labels(name: string, label: string): Set<string> {
    const values = [...this.samples.keys()]
      .filter((sample) => sample.startsWith(`${name}{`))
      .map((sample) => new RegExp(`[{,]${label}="([^"]*)"`).exec(sample)?.[1] ?? '');
    return new Set(values);
  }

  /** The names that are declared, whether or not they have a sample. */
  get names(): ReadonlyMap<string, string> {
    return new Map(
      [...this.text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name = '', type = '']) => [name, type]),
    );
  }
}
