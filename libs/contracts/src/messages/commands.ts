import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { subjects } from '../subjects.js';

/** A person wants a session to stop. Published by stream-gateway; chain-runner answers on the reply subject after its commit. */
export const cancelSession = defineMessage({
  name: 'cancelSession',
  stream: 'COMMANDS',
  subject: () => subjects.command('cancel-session'),
  messageId: (command) => `${command.commandId}:cancel`,
  schema: z.object({
    commandId: z.uuid(),
    sessionId: z.uuid(),
    requestedBy: z.string(),
    requestedAt: z.iso.datetime(),
    /** Core NATS subject for a {@link commandReplySchema}; the sender waits at most 5 s. */
    replyTo: z.string().optional(),
  }),
});
export type CancelSession = z.infer<typeof cancelSession.schema>;

/** A session's time is up. A delayed message, scheduled when the session is admitted; a no-op for a session that has ended. */
export const expireSession = defineMessage({
  name: 'expireSession',
  stream: 'COMMANDS',
  subject: () => subjects.command('expire-session'),
  messageId: (command) => `${command.sessionId}:expire:${command.deadlineAt}`,
  schema: z.object({ sessionId: z.uuid(), deadlineAt: z.iso.datetime() }),
});
export type ExpireSession = z.infer<typeof expireSession.schema>;

/** A slot may be free: admit the next pending sessions. Published by chain-runner when a session is created or ends. */
export const admitSessions = defineMessage({
  name: 'admitSessions',
  stream: 'COMMANDS',
  subject: () => subjects.command('admit-sessions'),
  messageId: (command) => `admit:${command.cause}`,
  schema: z.object({
    /** What freed or filled the slot, such as `<sessionId>:created`; makes the message id. */
    cause: z.string(),
  }),
});
export type AdmitSessions = z.infer<typeof admitSessions.schema>;

/** Answer to a command that asked for one. A convenience: the stored command is the truth. */
export const commandReplySchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('accepted') }),
  z.object({ kind: z.literal('not_found') }),
  z.object({ kind: z.literal('conflict'), message: z.string() }),
]);
export type CommandReply = z.infer<typeof commandReplySchema>;
