export { EmbeddedServer } from './embedded-server';
export { EmbeddedServerError } from './failure';
