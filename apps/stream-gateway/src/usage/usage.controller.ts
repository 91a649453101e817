import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { UsageSummary } from '@tarsy/contracts';
import { SessionsReader } from '@tarsy/persistence';
import { Answers, Parameters } from '../http/open-api.js';
import { GATEWAY_CONFIG, type StreamGatewayConfig } from '../stream-gateway.config.js';
import { parseUsageQuery } from './usage.query.js';

@ApiTags('usage')
@Controller('usage')
export class UsageController {
  constructor(
    private readonly sessions: SessionsReader,
    @Inject(GATEWAY_CONFIG) private readonly config: StreamGatewayConfig,
  ) {}

  @Get('summary')
  @Parameters('start_date', 'end_date', 'alert_type', 'chain_id', 'rank_by')
  @Answers('UsageSummary', { errors: [400] })
  summary(@Query() parameters: Record<string, string | string[]>): Promise<UsageSummary> {
    return this.sessions.usage(parseUsageQuery(parameters, this.config.estimatesCost));
  }
}
