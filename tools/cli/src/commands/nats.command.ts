import { NATS_IDENTITIES, type NatsIdentity } from '@tarsy/contracts';
import { permissionsOf } from '@tarsy/messaging';
import type { Command } from 'commander';
import { authorizationBlock } from '../servers/nats-users.js';

export function addNatsCommand(program: Command): void {
  const nats = program.command('nats').description('for operators of a NATS server that TARSy shall use');
  nats
    .command('permissions')
    .description('print the users that a nats-server needs: one for each service, who may do only what it needs')
    .option('--namespace <name>', 'TARSY_NAMESPACE of the services', process.env['TARSY_NAMESPACE'] || 'tarsy')
    .option('--json', 'permissions alone, by user, for other tools')
    .addHelpText('after', HELP)
    .action(({ namespace, json }: { namespace: string; json?: boolean }) => {
      console.log(json ? permissionsAsJson(namespace) : authorizationBlock(namespace, passwordVariable));
    });
}

const HELP = `
The block goes into the configuration of nats-server (or its users into the account that has JetStream). Passwords are read from the
server's environment: TARSY_NATS_PASSWORD_INGEST, TARSY_NATS_PASSWORD_CHAIN_RUNNER, and so on.`;

/** A variable that nats-server resolves when it reads its configuration. */
function passwordVariable(identity: NatsIdentity): string {
  return `$TARSY_NATS_PASSWORD_${identity.toUpperCase().replaceAll('-', '_')}`;
}

function permissionsAsJson(namespace: string): string {
  const users = NATS_IDENTITIES.map((identity) => [identity, permissionsOf(identity, namespace)]);
  return JSON.stringify(Object.fromEntries(users), null, 2);
}
