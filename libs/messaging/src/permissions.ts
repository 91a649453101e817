import {
  ACCESS,
  BUCKETS,
  PAYLOADS_OBJECT_STORE,
  servicePresence,
  STREAM_NAMES,
  subjects,
  type Access,
  type NatsIdentity,
  type StreamName,
} from '@tarsy/contracts';
import { Namespace } from './namespace.js';

/** What a NATS user may do: subjects of the server, ready for its configuration. `deny` wins over `allow`. */
export interface NatsPermissions {
  readonly publish: { readonly allow: readonly string[]; readonly deny: readonly string[] };
  readonly subscribe: { readonly allow: readonly string[] };
}

/** Where the answers to one identity's requests come: nobody else may listen there. Below `_INBOX`, as for every other client. */
export function inboxPrefix(names: Namespace, identity: string): string {
  return `_INBOX.${names.name}.${identity}`;
}

/**
 * The least that an identity needs in a namespace, from the table of the contracts.
 * @throws {InvalidNamespaceError} the namespace can not be part of a subject
 */
export function permissionsOf(identity: NatsIdentity, namespace: string): NatsPermissions {
  const names = new Namespace(namespace);
  const access = ACCESS[identity];
  const isService = identity !== 'producer';
  const allow = [
    ...access.publishes.map((subject) => names.qualify(subject)),
    ...(access.takesFrom ?? []).flatMap((stream) => takingFrom(names, stream)),
    ...(access.followsAs ?? []).flatMap((durable) => followingAs(names, durable)),
    ...(access.reads ?? []).flatMap((stream) => reading(names.stream(stream))),
    ...(access.removesFrom ?? []).flatMap((stream) => removingFrom(names.stream(stream))),
    ...(access.bucketsRead ?? []).flatMap(({ name }) => reading(`KV_${names.bucket(name)}`)),
    ...(access.bucketsWritten ?? []).map(({ name }) => `$KV.${names.bucket(name)}.>`),
    ...payloads(names, access),
    ...(isService ? [`$KV.${names.bucket(servicePresence.name)}.${identity}.>`] : []),
    ...(isService ? everyStream(names).map((stream) => `$JS.API.STREAM.INFO.${stream}`) : []),
    ...(access.inspects ? STREAM_NAMES.map((name) => `$JS.API.CONSUMER.LIST.${names.stream(name)}`) : []),
    ...(access.provisions ? everyStream(names).flatMap(provisioning) : []),
  ];
  const inbox = `${inboxPrefix(names, identity)}.>`;
  return {
    publish: { allow: [...new Set(allow)], deny: consumersOfOthers(names, identity) },
    subscribe: {
      // A producer uses whatever client there is, which answers to its own inboxes.
      allow: [isService ? inbox : '_INBOX.>', ...(access.listensTo ?? []).map((subject) => names.qualify(subject))],
    },
  };
}

function takingFrom(names: Namespace, stream: StreamName): string[] {
  const name = names.stream(stream);
  return [...consuming(name, '*'), `$JS.API.CONSUMER.CREATE.${name}.>`, deadLetters(names, stream)];
}

/** One durable of the session log, whatever its filters. */
function followingAs(names: Namespace, durable: string): string[] {
  const stream = names.stream('SESSIONS');
  return [
    ...consuming(stream, durable),
    `$JS.API.CONSUMER.CREATE.${stream}.${durable}.>`,
    deadLetters(names, 'SESSIONS'),
  ];
}

/** Of a durable with one filter or several, which are created on different subjects. */
function consuming(stream: string, durable: string): string[] {
  return [
    `$JS.API.CONSUMER.DURABLE.CREATE.${stream}.${durable}`,
    `$JS.API.CONSUMER.CREATE.${stream}.${durable}`,
    `$JS.API.CONSUMER.INFO.${stream}.${durable}`,
    `$JS.API.CONSUMER.MSG.NEXT.${stream}.${durable}`,
    `$JS.ACK.${stream}.${durable}.>`,
  ];
}

function deadLetters(names: Namespace, stream: StreamName): string {
  return names.qualify(subjects.deadLetter(stream));
}

/**
 * Single messages, and all of them through consumers that live as long as their reader. Such a consumer is always created by name:
 * without one (`CONSUMER.CREATE.<stream>`) a body could name, and so replace, the durable of somebody else.
 */
function reading(stream: string): string[] {
  return [
    `$JS.API.DIRECT.GET.${stream}`,
    `$JS.API.DIRECT.GET.${stream}.>`,
    `$JS.API.STREAM.MSG.GET.${stream}`,
    `$JS.API.CONSUMER.CREATE.${stream}.>`,
    `$JS.API.CONSUMER.INFO.${stream}.*`,
    `$JS.API.CONSUMER.MSG.NEXT.${stream}.*`,
    `$JS.API.CONSUMER.DELETE.${stream}.*`,
    `$JS.FC.${stream}.>`,
  ];
}

function removingFrom(stream: string): string[] {
  return [`$JS.API.STREAM.PURGE.${stream}`, `$JS.API.STREAM.MSG.DELETE.${stream}`];
}

function payloads(names: Namespace, { payloads: use }: Access): string[] {
  if (use === undefined) return [];
  const bucket = names.bucket(PAYLOADS_OBJECT_STORE);
  // The client asks the account for its limits before it uses an object store.
  const read = [...reading(`OBJ_${bucket}`), '$JS.API.INFO'];
  // Whoever takes the last message that refers to a body removes the body, which is to purge its chunks.
  return use === 'reads' ? read : [...read, `$O.${bucket}.>`, `$JS.API.STREAM.PURGE.OBJ_${bucket}`];
}

function provisioning(stream: string): string[] {
  return [`$JS.API.STREAM.CREATE.${stream}`, `$JS.API.STREAM.UPDATE.${stream}`];
}

/** Whoever reads the session log may create consumers there, but not touch those that others depend on. */
function consumersOfOthers(names: Namespace, identity: NatsIdentity): string[] {
  const stream = names.stream('SESSIONS');
  return Object.entries(ACCESS)
    .filter(([other]) => other !== identity)
    .flatMap(([, { followsAs = [] }]) => followsAs)
    .flatMap((durable) => [
      `$JS.API.CONSUMER.*.${stream}.${durable}`,
      `$JS.API.CONSUMER.*.${stream}.${durable}.>`,
      `$JS.API.CONSUMER.MSG.NEXT.${stream}.${durable}`,
      `$JS.ACK.${stream}.${durable}.>`,
    ]);
}

function everyStream(names: Namespace): string[] {
  return [
    ...STREAM_NAMES.map((name) => names.stream(name)),
    ...BUCKETS.map(({ name }) => `KV_${names.bucket(name)}`),
    `OBJ_${names.bucket(PAYLOADS_OBJECT_STORE)}`,
  ];
}
