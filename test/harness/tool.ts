/** The command-line tool, run in the test's process. */
import { main } from '../../src/cli/main.ts';

export async function tool(
  ...args: readonly string[]
): Promise<{ out: string; code: number; notes: string }> {
  let [out, notes] = ['', ''];
  const code = await main(args, {
    write: (text) => void (out += text),
    note: (text) => void (notes += text),
    colours: false,
    readInput: () => new Uint8Array(),
  });
  return { out, notes, code };
}
