import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { QueuesView } from '@tarsy/contracts';
import { QueueInspector } from '@tarsy/messaging';
import { Answers } from '../http/open-api.js';

/** For operators: what waits. */
@ApiTags('system')
@Controller('system')
export class QueuesController {
  constructor(private readonly queues: QueueInspector) {}

  @Get('queues')
  @Answers('Queues')
  async streams(): Promise<QueuesView> {
    const streams = await this.queues.streams();
    return {
      streams: streams.map(({ consumers, ...stream }) => ({
        ...stream,
        consumers: consumers.map(({ ackPending, ...consumer }) => ({ ...consumer, ack_pending: ackPending })),
      })),
    };
  }
}
