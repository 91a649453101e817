import { hostTool } from '../host-tool.js';
import { readProc } from '../proc.js';

const LISTENING = '0A';

export const listeningPorts = hostTool({
  name: 'listening_ports',
  description: 'TCP ports that something listens on, and on which addresses.',
  input: {},
  run: async () => {
    const [four, six] = await Promise.all([readProc('/proc/net/tcp'), readProc('/proc/net/tcp6')]);
    if (four === undefined && six === undefined) throw new Error('unavailable: this system has no /proc/net/tcp');
    const ports = [...parseTcpTable(four ?? ''), ...parseTcpTable(six ?? '')];
    return { ports: ports.sort((left, right) => left.port - right.port) };
  },
});

/** https://docs.kernel.org/networking/proc_net_tcp.html */
function parseTcpTable(text: string): { port: number; address: string }[] {
  return text.split('\n').flatMap((line) => {
    const [, local, , state] = line.trim().split(/\s+/);
    const [address, port] = local?.split(':') ?? [];
    return state === LISTENING && address && port
      ? [{ port: Number.parseInt(port, 16), address: addressOf(address) }]
      : [];
  });
}

/** Each group of four bytes stands in the byte order of the machine, which is little-endian on every supported one. */
function addressOf(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).reverse());
  if (bytes.length === 4) return bytes.map((byte) => Number.parseInt(byte, 16)).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => `${bytes[index * 2]}${bytes[index * 2 + 1]}`.toLowerCase());
  if (groups.every((group) => group === '0000')) return '::';
  return groups.map((group) => group.replace(/^0{1,3}/, '')).join(':');
}
