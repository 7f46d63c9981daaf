import { Module } from '@nestjs/common';
import { IdempotencyService } from './idempotency.service';
import { KeysRepository } from './keys.repository';
import { KeysSweepService } from './keys-sweep.service';

/** Requests that have their effect once, by their `Idempotency-Key`. */
@Module({
  providers: [IdempotencyService, KeysRepository, KeysSweepService],
  exports: [IdempotencyService],
})
export class IdempotencyModule {}
