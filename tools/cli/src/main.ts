import { Command } from 'commander';
import { CliError } from './cli.errors.js';
import { addTestCommand } from './commands/test.command.js';

const program = new Command('tarsy')
  .description('TARSy on JetStream: investigates alerts with chains of LLM agents')
  .version('0.1.0')
  .option('--verbose', 'show where an error comes from')
  .showHelpAfterError();

addTestCommand(program);

try {
  await program.parseAsync();
} catch (error) {
  const isExpected = error instanceof CliError;
  const text = error instanceof Error ? error.message : String(error);
  console.error(`tarsy: ${text}`);
  if (error instanceof Error && (program.opts<{ verbose?: boolean }>().verbose || !isExpected))
    console.error(error.stack);
  process.exitCode = 1;
}
