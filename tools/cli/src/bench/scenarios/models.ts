import { CliError } from '../../cli.errors.js';
import type { Benchmark } from '../bench.js';
import { median, type Figure } from '../figures.js';
import type { Program } from '../program.js';
import type { ReadSettings } from '../programs/stream-reader.program.js';
import { VENDORS, type StreamSettings, type Vendor } from '../vendor-streams.js';

interface Shape {
  readonly rounds: number;
  /** Streams of a round. */
  readonly streams: number;
  readonly pieces: number;
  /** Read at the same time, to see what they need. */
  readonly held: number;
  readonly heldPieces: number;
}

const SHAPE: Shape = { rounds: 5, streams: 10, pieces: 2_000, held: 500, heldPieces: 40 };
const QUICK_SHAPE: Shape = { rounds: 2, streams: 2, pieces: 100, held: 10, heldPieces: 3 };
const HELD_EVERY_MS = 100;

/** What the adapters of the vendors add to reading the same bytes, and what many streams need. No service runs. */
export const models: Benchmark = {
  name: 'models',
  run: async (bench) => {
    const shape = bench.either(SHAPE, QUICK_SHAPE);
    const { streams, pieces, held } = shape;
    const figures: Figure[] = [];
    await bench.withProgram('vendor-streams', async (server) => {
      const url = await server.call<string>('start');
      for (const vendor of VENDORS) {
        bench.say(`models: ${vendor} ...`);
        // A process for each, so that the memory of one is not that of another.
        figures.push(
          ...(await bench.withProgram('stream-reader', (reader) => measure(server, reader, vendor, url, shape))),
        );
      }
    });
    return { name: 'models', title: 'Reading the streams of vendors', settings: { streams, pieces, held }, figures, processes: [] }; // prettier-ignore
  },
};

async function measure(server: Program, reader: Program, vendor: Vendor, url: string, shape: Shape): Promise<Figure[]> {
  const settings: ReadSettings = { vendor, url, streams: shape.streams };
  const rounds: { adapterMs: number; bareMs: number }[] = [];
  await server.call('set', { vendor, pieces: shape.heldPieces, everyMs: HELD_EVERY_MS } satisfies StreamSettings);
  const { bytes, pieces } = await reader.call<{ bytes: number; pieces: number }>('hold', {
    ...settings,
    streams: shape.held,
  });
  if (pieces < shape.held * shape.heldPieces)
    throw new CliError(`${vendor}: only ${pieces} pieces of ${shape.held} streams came`);
  await server.call('set', { vendor, pieces: shape.pieces, everyMs: 0 } satisfies StreamSettings);
  // The first round warms up.
  for (let round = 0; round <= shape.rounds; round++) rounds.push(await reader.call('time', settings));
  const counted = rounds.slice(1);
  const perPiece = (ms: number): number => (ms * 1_000) / shape.pieces;
  return [
    { name: `${vendor}: a piece`, unit: 'µs', value: perPiece(median(counted.map(({ adapterMs }) => adapterMs))) },
    {
      name: `${vendor}: of mere bytes`,
      unit: 'times',
      value: median(counted.map(({ adapterMs, bareMs }) => adapterMs / bareMs)),
    },
    { name: `${vendor}: ${shape.held} streams at once`, unit: 'MB', value: bytes / 1e6 },
  ];
}
