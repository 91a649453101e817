import { fileURLToPath } from 'node:url';

/** Program of the host tool server, to be started with Node.js; always the compiled one. */
export const hostServerEntry = fileURLToPath(new URL('../dist/host/main.js', import.meta.url));
