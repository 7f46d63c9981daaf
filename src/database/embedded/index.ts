export { EmbeddedServer } from './embedded-server';
export { EmbeddedServerError } from './failure';
export { startScratchServer } from './scratch';
