import { Server, type CustomTransportStrategy } from '@nestjs/microservices';

export class JetStreamServer extends Server implements CustomTransportStrategy {
  override listen(_callback: (error?: unknown) => void): void {
    throw new Error('not implemented yet');
  }
  override close(): Promise<void> {
    throw new Error('not implemented yet');
  }
  override on(): void {}
  override unwrap<T>(): T {
    throw new Error('not implemented yet');
  }
}
