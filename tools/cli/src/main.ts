import { ConfigurationError } from '@tarsy/config';
import { Command } from 'commander';
import { CliError } from './cli.errors.js';
import { addAlertCommand } from './commands/alert.command.js';
import { addBenchCommand } from './commands/bench.command.js';
import { addConfigCommand } from './commands/config.command.js';
import { addDemoCommand } from './commands/demo.command.js';
import { addDoctorCommand } from './commands/doctor.command.js';
import { addLlmCommand } from './commands/llm.command.js';
import { addNatsCommand } from './commands/nats.command.js';
import { addSessionCommand } from './commands/session.command.js';
import { addStatusCommands } from './commands/status.command.js';
import { addTestCommand } from './commands/test.command.js';
import { addUpCommand } from './commands/up.command.js';

const program = new Command('tarsy')
  .description('TARSy on JetStream: investigates alerts with chains of LLM agents')
  .version('0.1.0')
  .option('--verbose', 'show where an error comes from')
  .showHelpAfterError();

addDemoCommand(program);
addUpCommand(program);
addStatusCommands(program);
addAlertCommand(program);
addSessionCommand(program);
addConfigCommand(program);
addLlmCommand(program);
addDoctorCommand(program);
addNatsCommand(program);
addTestCommand(program);
addBenchCommand(program);

try {
  await program.parseAsync();
} catch (error) {
  const isExpected = error instanceof CliError || error instanceof ConfigurationError;
  console.error(`tarsy: ${error instanceof Error ? error.message : String(error)}`);
  if (error instanceof Error && (program.opts<{ verbose?: boolean }>().verbose || !isExpected))
    console.error(error.stack);
  if (error instanceof ConfigurationError)
    console.error('\nMend these in the folder named by --config-dir (docs/configuration.md says what goes where; both files must exist and may be\nempty), or leave --config-dir out to use the shipped one. `tarsy config validate --config-dir <dir>` checks again without starting anything.'); // prettier-ignore
  process.exitCode = 1;
}
