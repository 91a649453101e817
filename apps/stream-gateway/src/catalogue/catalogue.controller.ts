import { Controller, Get, Inject, NotFoundException, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { AlertTypes, DefaultTools, SkillView, SystemConfiguration } from '@tarsy/contracts';
import { Answers, Parameters } from '../http/open-api.js';
import { CATALOGUE, type Catalogue } from './catalogue.js';
import { PriceCatalogue } from './price-catalogue.service.js';
import { RunbookList } from './runbook-list.service.js';

/** What the configuration offers to whoever submits an alert. */
@ApiTags('configuration')
@Controller()
export class CatalogueController {
  constructor(
    @Inject(CATALOGUE) private readonly catalogue: Catalogue,
    private readonly runbookList: RunbookList,
    private readonly prices: PriceCatalogue,
  ) {}

  @Get('alert-types')
  @Answers('AlertTypes')
  alertTypes(): AlertTypes {
    return this.catalogue.alertTypes;
  }

  /** Addresses of the runbooks in the configured repository; empty where none is configured, or where it can not be read now. */
  @Get('runbooks')
  @ApiOkResponse({ schema: { type: 'array', items: { type: 'string' } } })
  async runbooks(): Promise<readonly string[]> {
    return await this.runbookList.urls();
  }

  @Get('system/default-tools')
  @Parameters('alert_type')
  @Answers('DefaultTools')
  defaultTools(@Query('alert_type') alertType?: string): DefaultTools {
    return this.catalogue.defaultTools(alertType || undefined);
  }

  @Get('system/config')
  @Answers('SystemConfiguration')
  async configuration(): Promise<SystemConfiguration> {
    return this.catalogue.configuration(await this.prices.state());
  }

  @Get('system/config/skills/:name')
  @Answers('Skill')
  skill(@Param('name') name: string): SkillView {
    const skill = this.catalogue.skill(name);
    if (!skill) throw new NotFoundException('resource not found');
    return skill;
  }
}
