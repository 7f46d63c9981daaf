import { Module } from '@nestjs/common';
import { OwnersRepository } from './owners.repository';

/** What `installAuth` needs of the database. */
@Module({ providers: [OwnersRepository] })
export class AuthModule {}
