import { NATS_IDENTITIES, type NatsIdentity } from '@tarsy/contracts';
import { permissionsOf } from '@tarsy/messaging';

/**
 * The part of a nats-server configuration that lets each service do what it needs in a namespace, and nothing else.
 * @param passwordOf As the configuration writes it: a quoted text, or a reference to the server's environment such as `$PASSWORD`.
 * @param operatorPassword Of a user `tarsy` who may do everything; left out without one.
 */
export function authorizationBlock(
  namespace: string,
  passwordOf: (identity: NatsIdentity) => string,
  operatorPassword?: string,
): string {
  const users = NATS_IDENTITIES.map((identity) => userBlock(identity, namespace, passwordOf(identity)));
  if (operatorPassword !== undefined)
    users.unshift(
      `    # An operator, who may do everything.\n    { user: "${OPERATOR}", password: ${operatorPassword} }`,
    );
  return `authorization {\n  users: [\n${users.join('\n')}\n  ]\n}\n`;
}

export const OPERATOR = 'tarsy';

function userBlock(identity: NatsIdentity, namespace: string, password: string): string {
  const { publish, subscribe } = permissionsOf(identity, namespace);
  return `    {
      user: "${identity}", password: ${password}
      permissions: {
        publish: {
          allow: ${list(publish.allow)}
          deny: ${list(publish.deny)}
        }
        subscribe: { allow: ${list(subscribe.allow)} }
      }
    }`;
}

function list(subjects: readonly string[]): string {
  if (subjects.length < 3) return `[${subjects.map((subject) => `"${subject}"`).join(', ')}]`;
  return `[\n${subjects.map((subject) => `            "${subject}"`).join('\n')}\n          ]`;
}
