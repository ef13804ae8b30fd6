import pc from 'picocolors';
import { ConfigError } from '../config.ts';
import { DemoFault } from '../demo/demo-fault.ts';
import { RedisUnreachableError } from '../redis/connection.ts';
import { ServerMissingError } from '../redis/find-server.ts';
import { RegistryError } from '../registry/load-registry.ts';
import { ListSettingsError } from '../screening/lists/check-list-settings.ts';
import { ListFileError } from '../screening/lists/import/read-parts.ts';
import { TrialCannotRunError } from '../trial/trial-check.ts';
import { OperatorApiError } from './operator-api.ts';
import { UsageError } from './usage-error.ts';

/** Errors that are a person's to mend: their message is the whole help, a stack would only hide it. */
const FOR_PEOPLE = [
  ConfigError,
  DemoFault,
  ListFileError,
  ListSettingsError,
  OperatorApiError,
  RedisUnreachableError,
  RegistryError,
  ServerMissingError,
  TrialCannotRunError,
  UsageError,
];

/** Prints why a command failed and sets exit code 1. */
export function reportFault(error: unknown): void {
  const isForPeople = FOR_PEOPLE.some((kind) => error instanceof kind) || isAddressInUse(error);
  const text = error instanceof Error ? (isForPeople ? error.message : (error.stack ?? error.message)) : String(error);
  process.stderr.write(`${pc.red('sluice:')} ${text}\n`);
  process.exitCode = 1;
}

function isAddressInUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}
