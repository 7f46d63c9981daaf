import { type DynamicModule, Module } from '@nestjs/common';
import { AuditMeter } from './audit-meter';
import { AuditSession, AuditSettings } from './audit-session';
import { AuditService } from './audit.service';

/** The scheduled job that counts every ticket again from the rows. */
@Module({})
export class AuditModule {
  static forRoot(settings: AuditSettings): DynamicModule {
    return {
      module: AuditModule,
      providers: [AuditService, AuditSession, AuditMeter, { provide: AuditSettings, useValue: settings }],
    };
  }
}
