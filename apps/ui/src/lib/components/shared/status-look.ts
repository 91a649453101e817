import CircleCheck from '@lucide/svelte/icons/circle-check';
import CircleDashed from '@lucide/svelte/icons/circle-dashed';
import CircleSlash from '@lucide/svelte/icons/circle-slash';
import CircleX from '@lucide/svelte/icons/circle-x';
import ClockAlert from '@lucide/svelte/icons/clock-alert';
import CirclePause from '@lucide/svelte/icons/circle-pause';
import LoaderCircle from '@lucide/svelte/icons/loader-circle';

/** How a status looks: shape and colour, so that neither stands alone. */
export interface StatusLook {
  readonly icon: typeof CircleCheck;
  /** Name of the colour variable. */
  readonly tone: 'waiting' | 'running' | 'good' | 'bad' | 'stopped';
  readonly spins: boolean;
}

const WAITING: StatusLook = { icon: CircleDashed, tone: 'waiting', spins: false };
const RUNNING: StatusLook = { icon: LoaderCircle, tone: 'running', spins: true };
const LOOKS: Readonly<Record<string, StatusLook>> = {
  in_progress: RUNNING,
  active: RUNNING,
  started: RUNNING,
  streaming: RUNNING,
  paused: { icon: CirclePause, tone: 'stopped', spins: false },
  cancelling: { icon: LoaderCircle, tone: 'stopped', spins: true },
  completed: { icon: CircleCheck, tone: 'good', spins: false },
  failed: { icon: CircleX, tone: 'bad', spins: false },
  timed_out: { icon: ClockAlert, tone: 'bad', spins: false },
  cancelled: { icon: CircleSlash, tone: 'stopped', spins: false },
};

export const lookOf = (status: string): StatusLook => LOOKS[status] ?? WAITING;
