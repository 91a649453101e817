import { Module } from '@nestjs/common';
import { DeadLettersConsumer } from './dead-letters.consumer.js';

@Module({ controllers: [DeadLettersConsumer] })
export class DeadLettersModule {}
