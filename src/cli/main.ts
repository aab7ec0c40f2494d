#!/usr/bin/env node
/** The command-line tool `netlink-ts`. A subcommand is a `Command` in this list. */
import { IpamError } from '../ipam/policy/errors.ts';
import { CodecError, NetlinkError } from '../errors.ts';
import { UsageError, type Command, type Output } from './command.ts';
import { conformanceCommand } from './conformance.ts';
import { decode } from './decode.ts';
import { doctor } from './doctor.ts';
import { dump } from './dump.ts';
import { didYouMean } from './hint.ts';
import { ipam } from './ipam.ts';
import { monitor } from './monitor.ts';
import { terminal } from './terminal.ts';
import { ynlCommand } from './ynl.ts';
import { VERSION } from '../version.ts';

export const COMMANDS: Readonly<Record<string, Command>> = {
  dump,
  monitor,
  decode,
  ynl: ynlCommand,
  ipam,
  doctor,
  conformance: conformanceCommand,
};
/** Of the longest name. */
const WIDTH = Math.max(...Object.keys(COMMANDS).map(({ length }) => length));

const help = (): string =>
  `netlink-ts COMMAND …

${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(WIDTH)}  ${summary}\n`)
  .join('')}
netlink-ts COMMAND --help describes a command, netlink-ts --version prints the version.
`;

/** Runs the tool. Exit codes: 0 success, 1 failure, 2 invalid arguments. */
export async function main(args: readonly string[], output: Output): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    output.write(help());
    return name === undefined ? 2 : 0;
  }
  if (name === '--version' || name === '-v') {
    output.write(`netlink-ts ${VERSION}\n`);
    return 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  try {
    if (command === undefined) {
      throw new UsageError(`there is no command ${name}${didYouMean(name, Object.keys(COMMANDS))}`);
    }
    if (rest.includes('--help') || rest.includes('-h')) {
      output.write(command.help);
      return 0;
    }
    return await command.run(rest, output);
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    const isUsage = error instanceof UsageError || code?.startsWith('ERR_PARSE_ARGS') === true;
    const isKnown = [CodecError, NetlinkError, IpamError].some((kind) => error instanceof kind);
    if (!isUsage && !isKnown) throw error;
    output.note(`netlink-ts: ${unknownOption(message, command) ?? message}\n`);
    if (error instanceof IpamError && error.details) output.note(`${error.details}\n`);
    if (isUsage) output.note(`Try netlink-ts ${command === undefined ? '' : `${name} `}--help.\n`);
    return isUsage ? 2 : 1;
  }
}

/** An option that the command does not have, in fewer words than Node's, and with a hint. */
function unknownOption(message: string, command: Command | undefined): string | undefined {
  const [, option] = /^Unknown option '(.+?)'/.exec(message) ?? [];
  if (option === undefined) return undefined;
  const options = command?.help.match(/--[a-z-]+/g) ?? [];
  return `there is no option ${option}${didYouMean(option, options)}`;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2), terminal());
