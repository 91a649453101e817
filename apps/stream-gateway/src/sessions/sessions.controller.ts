import { Controller, Get, Headers, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type {
  ActiveSessions,
  CancelAnswer,
  FilterOptions,
  SessionDetail,
  SessionList,
  SessionStatusView,
  SessionSummary,
  TimelineEventView,
} from '@tarsy/contracts';
import { authorOf, type RequestHeaders } from '../http/author.js';
import { Answers, Parameters } from '../http/open-api.js';
import { SessionIdPipe } from '../http/session-id.pipe.js';
import { CancellationService } from './cancellation.service.js';
import { parseSessionListQuery } from './session-list.query.js';
import { SessionsService } from './sessions.service.js';

@ApiTags('sessions')
@Controller('sessions')
export class SessionsController {
  constructor(
    private readonly sessions: SessionsService,
    private readonly cancellation: CancellationService,
  ) {}

  @Get()
  @Parameters(
    ...['page', 'page_size', 'sort_by', 'sort_order', 'status', 'alert_type', 'chain_id', 'assignee'],
    ...['scoring_status', 'search', 'start_date', 'end_date', 'review_status', 'quality_rating'],
  )
  @Answers('SessionList', { errors: [400] })
  list(@Query() parameters: Record<string, string | string[]>): Promise<SessionList> {
    return this.sessions.list(parseSessionListQuery(parameters));
  }

  @Get('active')
  @Answers('ActiveSessions')
  active(): Promise<ActiveSessions> {
    return this.sessions.active();
  }

  @Get('filter-options')
  @Answers('FilterOptions')
  filterOptions(): Promise<FilterOptions> {
    return this.sessions.filterOptions();
  }

  @Get(':id')
  @Answers('Session', { errors: [404] })
  detail(@Param('id', SessionIdPipe) id: string): Promise<SessionDetail> {
    return this.sessions.detail(id);
  }

  @Get(':id/status')
  @Answers('SessionStatus', { errors: [404] })
  status(@Param('id', SessionIdPipe) id: string): Promise<SessionStatusView> {
    return this.sessions.status(id);
  }

  @Get(':id/summary')
  @Answers('SessionSummary', { errors: [404] })
  summary(@Param('id', SessionIdPipe) id: string): Promise<SessionSummary> {
    return this.sessions.summary(id);
  }

  @Get(':id/timeline')
  @Answers('TimelineEvent', { isArray: true })
  timeline(@Param('id') id: string): Promise<TimelineEventView[]> {
    return this.sessions.timeline(id);
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @Answers('CancelAnswer', { errors: [404, 409, 503] })
  cancel(@Param('id', SessionIdPipe) id: string, @Headers() headers: RequestHeaders): Promise<CancelAnswer> {
    return this.cancellation.cancel(id, authorOf(headers));
  }
}
