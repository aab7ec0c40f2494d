/** This process on Node, and on Bun. */
import type { Ended, ThisProcess } from './process-types.ts';

const NOTHING = new Uint8Array(0);

export const nodeProcess: ThisProcess = {
  get pid() {
    return process.pid;
  },
  get env() {
    return process.env;
  },
  get argv0() {
    return process.argv0;
  },
  get args() {
    return process.argv.slice(2);
  },
  names() {
    return [process.argv0, process.execPath, process.argv[1] ?? '', process.argv[2] ?? ''];
  },
  exit: (code) => process.exit(code),
  run(program, args, { input, env, timeout, maxOutput }): Ended {
    const { spawnSync } = process.getBuiltinModule('node:child_process');
    const ended = spawnSync(program, args, {
      env: env ?? process.env,
      input,
      timeout,
      maxBuffer: maxOutput,
      killSignal: 'SIGKILL',
    });
    const { status, signal, stdout, stderr } = ended;
    const outputs = { stdout: stdout ?? NOTHING, stderr: stderr ?? NOTHING };
    const error = ended.error as NodeJS.ErrnoException | undefined;
    // A program need not read its input.
    if (error !== undefined && error.code !== 'EPIPE') {
      return { ...outputs, errno: Math.abs(error.errno ?? 0) };
    }
    return signal === null ? { ...outputs, status: status ?? 0 } : { ...outputs, signal };
  },
};
