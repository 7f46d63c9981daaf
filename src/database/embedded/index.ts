export { EmbeddedServer, type EmbeddedServerOptions } from './embedded-server';
export { EmbeddedServerError } from './failure';
export { type EmbeddedConnection } from './owner';
