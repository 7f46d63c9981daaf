import type { LoggerService } from '@nestjs/common';
import { createRequire } from 'node:module';
import { type Logger, pino, type TransportSingleOptions } from 'pino';
import type { LogLevel } from './config';

/** JSON lines on stdout; for people when stdout is a terminal and pino-pretty, an optional dependency, is there. */
export function createLogger(level: LogLevel): Logger {
  const pretty = process.stdout.isTTY ? prettyTransport() : undefined;
  return pino({
    level,
    timestamp: pino.stdTimeFunctions.isoTime,
    ...(pretty !== undefined && { transport: pretty }),
  });
}

function prettyTransport(): TransportSingleOptions | undefined {
  try {
    const target = createRequire(__filename).resolve('pino-pretty');
    return { target, options: { ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l' } };
  } catch {
    return undefined;
  }
}

/** What Nest tells of its own start interests only whoever changes the wiring. */
const FRAMEWORK = new Set([
  'NestFactory',
  'NestApplication',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
]);

/** What Nest and the services log, as lines of the same log. The last argument is the name of the logger. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log = (message: unknown, ...rest: unknown[]): void => {
    const context = rest.at(-1);
    const level = typeof context === 'string' && FRAMEWORK.has(context) ? 'debug' : 'info';
    this.writer(level)(message, ...rest);
  };
  warn = this.writer('warn');
  error = this.writer('error');
  fatal = this.writer('fatal');
  debug = this.writer('debug');
  verbose = this.writer('trace');

  /** Nest passes message, more arguments, and last the name of the logger; the services pass an object first. */
  private writer(level: 'info' | 'warn' | 'error' | 'fatal' | 'debug' | 'trace') {
    return (message: unknown, ...rest: unknown[]): void => {
      const context = rest.at(-1);
      const fields = { ...(typeof context === 'string' && { context }) };
      const [text = ''] = rest.filter((each) => typeof each === 'string');
      if (message instanceof Error) this.logger[level]({ ...fields, err: message });
      else if (typeof message === 'string') this.logger[level](fields, message);
      else this.logger[level]({ ...fields, ...(message as object) }, text);
    };
  }
}
