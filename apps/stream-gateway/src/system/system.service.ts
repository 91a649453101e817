import { Injectable } from '@nestjs/common';
import {
  serverHealth,
  servicePresence,
  toolCatalogue,
  type McpServersView,
  type ServerHealth,
  type ServicesView,
  type SystemWarnings,
  type ToolCatalogueEntry,
} from '@tarsy/contracts';
import { derivedId } from '@tarsy/core';
import { Buckets } from '@tarsy/messaging';
import { configurationWarnings } from './configuration-warnings.js';

type McpServerView = McpServersView['servers'][number];

/** What the other services say about themselves, from their buckets. */
@Injectable()
export class SystemService {
  constructor(private readonly buckets: Buckets) {}

  async mcpServers(): Promise<McpServersView> {
    const [health, catalogue] = await Promise.all([
      this.buckets.open(serverHealth).entries(),
      this.buckets.open(toolCatalogue).entries(),
    ]);
    const ids = [...new Set([...health.keys(), ...catalogue.keys()])].sort();
    return { servers: ids.map((id) => mcpServerView(id, health.get(id), catalogue.get(id))) };
  }

  async warnings(): Promise<SystemWarnings> {
    const [health, presences] = await Promise.all([
      this.buckets.open(serverHealth).entries(),
      this.buckets.open(servicePresence).entries(),
    ]);
    const unhealthy = [...health.values()].filter(({ healthy }) => !healthy);
    const ofServers = unhealthy
      .sort((one, other) => one.server.localeCompare(other.server))
      .map(({ server, errorMessage, changedAt }) => ({
        id: derivedId('warning', 'mcp_health', server, changedAt),
        category: 'mcp_health' as const,
        message: `MCP server ${server} is unhealthy`,
        details: errorMessage ?? '',
        server_id: server,
        created_at: changedAt,
      }));
    return { warnings: [...configurationWarnings([...presences.values()]), ...ofServers] };
  }

  async services(): Promise<ServicesView> {
    const presences = [...(await this.buckets.open(servicePresence).entries()).values()];
    return {
      services: presences
        .sort((one, other) => one.app.localeCompare(other.app) || one.replica.localeCompare(other.replica))
        .map(({ app, replica, pid, version, startedAt, seenAt, details }) => ({
          app,
          replica,
          pid,
          version,
          started_at: startedAt,
          seen_at: seenAt,
          details,
        })),
    };
  }
}

/** A server without a health report has not been checked for ten minutes: nobody looks after it. */
function mcpServerView(
  id: string,
  health: ServerHealth | undefined,
  catalogue: ToolCatalogueEntry | undefined,
): McpServerView {
  const tools = (catalogue?.tools ?? []).map(({ name, description }) => ({ name, description }));
  return {
    id,
    healthy: health?.healthy ?? false,
    last_check: health?.checkedAt ?? catalogue!.updatedAt,
    tool_count: health?.toolCount ?? tools.length,
    tools,
    error: health ? health.errorMessage : 'no mcp-broker reports on this server',
  };
}
