/** Debian's Chromium, driven by playwright-core; nothing is downloaded. */
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { extname, join, normalize, resolve } from 'node:path';
import { chromium, type Browser } from 'playwright-core';

export const BUILT = resolve(import.meta.dirname, '../../dist/site');
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export function launch(): Promise<Browser> {
  const executablePath = CHROMIUM.find((path) => existsSync(path));
  if (executablePath === undefined) {
    throw new Error('no Chromium; on Debian, as root: apt-get install -y chromium');
  }
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.woff2': 'font/woff2',
};

/** Serves the built site below a base path. */
export async function serve(base = '/', port = 0): Promise<{ server: Server; url: string }> {
  if (!existsSync(BUILT)) throw new Error('the site is not built: npm run site');
  const server = createServer(({ url = '/' }, answer) => {
    const path = decodeURIComponent(new URL(url, 'http://localhost').pathname);
    const inside = path.startsWith(base) ? path.slice(base.length) : '\0';
    const file = [inside, `${inside}.html`, join(inside, 'index.html')]
      .map((name) => join(BUILT, normalize(`/${name}`)))
      .find((name) => !name.includes('\0') && existsSync(name) && statSync(name).isFile());
    if (file === undefined) {
      answer.writeHead(404, { 'content-type': 'text/plain' }).end('not found');
      return;
    }
    answer.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
    createReadStream(file).pipe(answer);
  });
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  const { port: actual } = server.address() as { port: number };
  return { server, url: `http://127.0.0.1:${actual}${base}` };
}
