import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { McpServersView, ServicesView, SystemWarnings } from '@tarsy/contracts';
import { Answers } from '../http/open-api.js';
import { SystemService } from './system.service.js';

@ApiTags('system')
@Controller('system')
export class SystemController {
  constructor(private readonly system: SystemService) {}

  @Get('mcp-servers')
  @Answers('McpServers')
  mcpServers(): Promise<McpServersView> {
    return this.system.mcpServers();
  }

  @Get('warnings')
  @Answers('SystemWarnings')
  warnings(): Promise<SystemWarnings> {
    return this.system.warnings();
  }

  @Get('services')
  @Answers('Services')
  services(): Promise<ServicesView> {
    return this.system.services();
  }
}
