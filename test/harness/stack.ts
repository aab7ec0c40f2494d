/**
 * Loaded into every AVA worker: stack traces begin in the test, not inside AVA. AVA's TAP output
 * keeps the first line of a stack only, and `npm test` prints that.
 */
import { findSourceMap, type SourceOrigin } from 'node:module';

const AVA = /\/node_modules\/ava\//;
/** Places that are not part of a test; an error thrown there is about the test that called them. */
const BESIDE = /[ (]node:|\/test\/harness\//;

Error.prepareStackTrace = (error, sites) => {
  const frames = sites
    .filter((site) => !AVA.test(site.getFileName() ?? ''))
    .map(frame)
    .map((text) => `\n    at ${text}`);
  const first = frames.findIndex((text) => !BESIDE.test(text));
  return `${String(error)}${frames.slice(Math.max(first, 0)).join('')}`;
};

/** One line of a stack; a place in a bundle is shown as the place in its source. */
function frame(site: NodeJS.CallSite): string {
  const file = site.getFileName();
  const [line, column] = [site.getLineNumber(), site.getColumnNumber()];
  const map = file && line && column ? findSourceMap(file) : undefined;
  const origin = map?.findOrigin(line!, column!) as Partial<SourceOrigin> | undefined;
  if (origin?.fileName === undefined) return site.toString();
  const place = `${origin.fileName}:${origin.lineNumber}:${origin.columnNumber}`;
  const name = site.getFunctionName();
  return name === null ? place : `${name} (${place})`;
}
