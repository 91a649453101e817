import { Module } from '@nestjs/common';
import { SessionsModule } from '../sessions/sessions.module.js';
import { SessionFeeds } from './session-feeds.js';
import { SessionStreamController } from './session-stream.controller.js';
import { SessionsChannel } from './sessions-channel.js';
import { SocketChannels } from './socket-channels.js';
import { SocketServer } from './socket-server.js';
import { Viewers } from './viewers.js';

@Module({
  imports: [SessionsModule],
  controllers: [SessionStreamController],
  providers: [SessionFeeds, SessionsChannel, SocketChannels, SocketServer, Viewers],
})
export class LiveModule {}
