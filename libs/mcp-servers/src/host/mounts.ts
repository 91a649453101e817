import { statfs } from 'node:fs/promises';
import { percent, readProc } from './proc.js';

export interface Mount {
  readonly device: string;
  readonly mountPoint: string;
  readonly type: string;
}

export interface FileSystemUsage {
  readonly mount_point: string;
  readonly device: string;
  readonly type: string;
  readonly total_bytes: number;
  readonly used_bytes: number;
  readonly available_bytes: number;
  readonly used_percent: number;
  /** Null where the file system has no fixed number of inodes. */
  readonly inodes_used_percent: number | null;
  readonly inodes_free: number | null;
}

const PSEUDO = new Set(['proc', 'sysfs', 'devtmpfs', 'devpts', 'cgroup', 'cgroup2', 'securityfs', 'debugfs', 'tracefs', 'mqueue', 'bpf', 'pstore', 'hugetlbfs', 'configfs', 'fusectl', 'autofs', 'binfmt_misc', 'nsfs', 'efivarfs', 'rpc_pipefs', 'squashfs']); // prettier-ignore

/** Real file systems in the form of /proc/mounts; each device once. */
function parseMounts(text: string): Mount[] {
  const seen = new Set<string>();
  return text.split('\n').flatMap((line) => {
    const [device, mountPoint, type] = line.split(' ');
    if (!device || !mountPoint || !type || PSEUDO.has(type)) return [];
    const key = device.startsWith('/') ? device : `${device}:${mountPoint}`;
    if (seen.has(key)) return [];
    seen.add(key);
    return [{ device, mountPoint: unescape(mountPoint), type }];
  });
}

/** Usage of every real file system, fullest first. */
export async function fileSystems(): Promise<FileSystemUsage[]> {
  const text = await readProc('/proc/mounts');
  const mounts = text === undefined ? [{ device: 'root', mountPoint: '/', type: 'unknown' }] : parseMounts(text);
  const usages = await Promise.all(mounts.map(usageOf));
  return usages.filter((usage) => usage !== undefined).sort((left, right) => right.used_percent - left.used_percent);
}

/** As `df`: what is reserved for root counts as neither used nor available. */
async function usageOf({ device, mountPoint, type }: Mount): Promise<FileSystemUsage | undefined> {
  try {
    const { bsize, blocks, bfree, bavail, files, ffree } = await statfs(mountPoint);
    if (blocks === 0) return undefined;
    const used = (blocks - bfree) * bsize;
    const available = bavail * bsize;
    return {
      mount_point: mountPoint,
      device,
      type,
      total_bytes: blocks * bsize,
      used_bytes: used,
      available_bytes: available,
      used_percent: percent(used, used + available),
      inodes_used_percent: files === 0 ? null : percent(files - ffree, files),
      inodes_free: files === 0 ? null : ffree,
    };
  } catch {
    return undefined;
  }
}

/** The kernel writes a space as \040. */
function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_whole, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
